_ingot() {
  local command='' option='' kind='' home='' server='' program=${COMP_WORDS[0]/#\~\//$HOME/}
  local cur=${COMP_WORDS[COMP_CWORD]} candidate prefix=''
  COMPREPLY=()
  _ingot_walk "${COMP_WORDS[@]:1:COMP_CWORD-1}"
  [[ $cur == '=' ]] && cur=''
  if [[ -z $option && $cur == -*=* ]]; then
    option=${cur%%=*}
    prefix=$option=
    cur=${cur#*=}
    [[ $option == --* ]] || option="-$option"
  fi
  [[ -z $option ]] || _ingot_kind "$option"
  # Paths are what readline completes by itself.
  [[ $kind == file || $kind == dir ]] && return
  compopt +o default 2>/dev/null
  while IFS= read -r candidate; do
    [[ -n $candidate && $candidate == "$cur"* ]] && COMPREPLY+=("$prefix$candidate")
  done < <(_ingot_candidates "$cur")
}

complete -o default -F _ingot ingot
