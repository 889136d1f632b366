# Works in both shells. What these functions set is local to the function of the shell that calls them.

# Walks the words before the cursor: sets command, and option when its value is what comes next.
_ingot_walk() {
  local each
  for each in "$@"; do
    if [[ $each == '=' ]]; then
      continue
    elif [[ -n $option ]]; then
      _ingot_given "$option" "$each"
      option=''
    elif [[ $each == -?* ]]; then
      [[ $each == --* ]] || each="-$each"
      if [[ $each == *=* ]]; then
        _ingot_given "${each%%=*}" "${each#*=}"
      elif _ingot_kind "$each"; then
        option=$each
      fi
    elif [[ -n $(_ingot_words "$command") ]]; then
      command="${command:+$command }$each"
    fi
  done
  [[ -n $option ]] || kind=''
}

# Notes what counts for the values of other options.
_ingot_given() {
  case "$1" in
    --server) server=$2 ;;
    --home) home="${2/#\~\//$HOME/}" ;;
  esac
}

# Sets kind to where the values of an option come from; fails for one that takes none.
_ingot_kind() {
  local entry found=1
  # To the end even when it is found: who writes would complain on the terminal.
  while IFS= read -r entry; do
    [[ $entry == *:* && ${entry%%:*} == "$1" ]] && kind=${entry#*:} found=0
  done < <(_ingot_options "$command"; _ingot_options global)
  return $found
}

# Prints what may stand at the cursor, for the word that is there already.
_ingot_candidates() {
  local entry dash='' newline=$'\n'
  if [[ -n $option ]]; then
    case "$kind" in
      '') ;;
      '='*) entry=${kind#=} && printf '%s\n' "${entry//,/$newline}" ;;
      *) "$program" __complete --kind "$kind" "--word=$1" ${home:+"--home=$home"} ${server:+"--server=$server"} 2>/dev/null ;;
    esac
  elif [[ $1 != -* && -n $(_ingot_words "$command") ]]; then
    _ingot_words "$command"
  else
    [[ $1 == -[!-]* ]] && dash='-'
    while IFS= read -r entry; do
      entry=${entry%%:*}
      printf '%s\n' "${entry#$dash}"
    done < <(_ingot_options "$command"; _ingot_options global)
  fi
}
