_ingot() {
  local command='' option='' kind='' home='' server='' program=${words[1]/#\~\//$HOME/}
  local cur=${(Q)words[CURRENT]}
  local -a found
  _ingot_walk "${(@Q)words[2,CURRENT-1]}"
  if [[ -z $option && $cur == -*=* ]]; then
    option=${cur%%=*}
    cur=${cur#*=}
    [[ $option == --* ]] || option="-$option"
    compset -P '*='
  fi
  [[ -z $option ]] || _ingot_kind "$option"
  case "$kind" in
    file) _files ;;
    dir) _files -/ ;;
    *)
      found=(${(f)"$(_ingot_candidates "$cur")"})
      compadd -- $found
      ;;
  esac
}

if [[ $funcstack[1] == _ingot ]]; then
  _ingot "$@"
else
  compdef _ingot ingot
fi
