# fish completion for mox-stop. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_stop_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_stop_operands
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
        else if contains -- "$word" -c --config --data-dir
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-stop -f
complete -c mox-stop -s c -l config -r -F -d 'configuration file that names the data directory (default: $MOXCONF, else config/mox.conf)'
complete -c mox-stop -l data-dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'data directory, without reading a configuration'
complete -c mox-stop -s h -l help -d 'show this help'
complete -c mox-stop -l version -d 'show the version'
complete -c mox-stop -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-stop -s v -l verbose -d 'say each step'
complete -c mox-stop -l json -d 'write results and messages as JSON lines'
complete -c mox-stop -l no-progress -d 'show no progress line'
