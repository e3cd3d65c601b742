# fish completion for mox-serve. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_serve_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_serve_operands
    set -l words (commandline -opc)
    set -l count 0
    set -l skip no
    set -l only_operands no
    for word in $words[2..]
        if test $skip = yes
            set skip no
        else if test $only_operands = yes
            set count (math $count + 1)
        else if test "$word" = --
            set only_operands yes
        else if contains -- "$word" -c --config
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-serve -f
complete -c mox-serve -s c -l config -r -F -d 'Configuration file; default: $MOXCONF, else config/mox.conf.'
complete -c mox-serve -s h -l help -d 'show this help'
complete -c mox-serve -l version -d 'show the version'
complete -c mox-serve -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-serve -s v -l verbose -d 'say each step'
complete -c mox-serve -l json -d 'write results and messages as JSON lines'
complete -c mox-serve -l no-progress -d 'show no progress line'
