#compdef regfix
# Completion of regfix for zsh, from `regfix completion zsh`.

_regfix() {
    local -a answer described options
    local program=${(Q)words[1]} line directive
    answer=("${(@f)$("${program/#\~/$HOME}" __complete "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
    directive=${answer[-1]#:}
    [[ $directive == <-> ]] || return 1

    [[ $PREFIX == -*=* ]] && compset -P 1 '*=' # an answer for --option=VALUE is the value
    for line in "${(@)answer[1,-2]}"; do
        described+=("${${line%%$'\t'*}//:/\\:}:${${(M)line%%$'\t'*}:+${line#*$'\t'}}")
    done
    (( directive & 2 )) && options=(-S '')
    if (( $#described )); then
        _describe -V regfix described "${(@)options}"
    elif (( directive & 16 )); then
        _files -/
    elif (( ! (directive & 4) )); then
        _files
    else
        return 1
    fi
}

compdef _regfix regfix
# As a file in $fpath this is the function itself, called for the first time.
[[ ${funcstack[1]} == _regfix ]] && _regfix
