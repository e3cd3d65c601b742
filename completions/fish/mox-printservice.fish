# fish completion for mox-printservice. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_printservice_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_printservice_operands
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
        else if contains -- "$word" --program
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-printservice -f
complete -c mox-printservice -l program -r -F -d 'The program mox to start; default: the one in DIR, else the one beside mox-printservice.'
complete -c mox-printservice -s h -l help -d 'show this help'
complete -c mox-printservice -l version -d 'show the version'
complete -c mox-printservice -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-printservice -s v -l verbose -d 'say each step'
complete -c mox-printservice -l json -d 'write results and messages as JSON lines'
complete -c mox-printservice -l no-progress -d 'show no progress line'
complete -c mox-printservice -n 'test (__mox_printservice_operands) -eq 0' -x -a '(__fish_complete_directories (commandline -ct))' -d 'DIR'
