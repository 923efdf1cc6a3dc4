# Completion of regfix for bash, from `regfix completion bash`.

_regfix() {
    local words=() count=0 rest=${COMP_LINE:0:COMP_POINT} blanks word i
    # bash has split the line at = and :, too. What no blank stands between is one word of the command.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        blanks=${rest%%[![:blank:]]*}
        rest=${rest#"$blanks"}
        word=${COMP_WORDS[i]}
        ((i == COMP_CWORD)) && word=$rest
        if [[ -n $blanks || $i -eq 0 ]]; then
            words[count++]=$word
        else
            words[count - 1]+=$word
        fi
        rest=${rest#"$word"}
    done

    local answer directive
    answer=$("${1/#\~/$HOME}" __complete "${words[@]:1}" 2>/dev/null)
    directive=${answer##*:}
    answer=${answer%:*}
    [[ $directive =~ ^[0-9]+$ ]] || return

    # An answer for --option=VALUE is the value. bash replaces only what stands behind the last = or :.
    local last=${words[count - 1]} option='' kept='' breaks=${COMP_WORDBREAKS//[^=:]/}
    [[ $last == -*=* ]] && option=${last%%=*}=
    [[ -n $breaks && $last == *["$breaks"]* ]] && kept=${last%"${last##*["$breaks"]}"}
    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        word=$option$word
        [[ $word != "$option" && $word == "$last"* ]] && COMPREPLY[${#COMPREPLY[@]}]=${word#"$kept"}
    done <<<"$answer"

    type compopt &>/dev/null || return 0 # bash 3
    ((directive & 2)) && compopt -o nospace
    ((directive & 16)) && compopt -o dirnames
    ((directive & 20)) && compopt +o default
    return 0
}

complete -o default -F _regfix regfix
