# fish completion for mox-gentestdata. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_gentestdata_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_gentestdata_operands
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
        else if contains -- "$word" --seed --accounts --messages -j --jobs
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-gentestdata -f
complete -c mox-gentestdata -l seed -x -d 'seed of everything that varies'
complete -c mox-gentestdata -l accounts -x -d 'instead of the fixed scenario, so many accounts of made-up mail'
complete -c mox-gentestdata -l messages -x -d 'messages in each of them'
complete -c mox-gentestdata -s j -l jobs -x -d 'threads that read and write files (default: one for each CPU)'
complete -c mox-gentestdata -s h -l help -d 'show this help'
complete -c mox-gentestdata -l version -d 'show the version'
complete -c mox-gentestdata -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-gentestdata -s v -l verbose -d 'say each step'
complete -c mox-gentestdata -l json -d 'write results and messages as JSON lines'
complete -c mox-gentestdata -l no-progress -d 'show no progress line'
complete -c mox-gentestdata -n 'test (__mox_gentestdata_operands) -eq 0' -x -a '(__fish_complete_directories (commandline -ct))' -d 'DEST'
