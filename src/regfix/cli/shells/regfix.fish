# Completion of regfix for fish, from `regfix completion fish`.

# Ask regfix for what can come next; fails where fish is to offer files.
function __regfix_ask
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    set -l program (string replace -r '^~(?=/)' -- $HOME $words[1])
    set -e words[1]
    set -g __regfix_answer ($program __complete $words "$last" 2>/dev/null)
    set -l directive (string match -rg '^:(\d+)$' -- "$__regfix_answer[-1]")
    or return 1
    set -e __regfix_answer[-1]
    if test (count $__regfix_answer) -gt 0
        # An answer for --option=VALUE is the value.
        set -l option (string match -r -- '^-[^=]*=' "$last")
        set __regfix_answer "$option"$__regfix_answer
        return 0
    else if test (math "floor($directive / 16) % 2") -eq 1
        set __regfix_answer (__fish_complete_directories "$last" '')
        return 0
    else
        test (math "floor($directive / 4) % 2") -eq 1
    end
end

complete -c regfix -f -n __regfix_ask -a '$__regfix_answer'
