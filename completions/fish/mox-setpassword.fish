# fish completion for mox-setpassword. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_setpassword_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_setpassword_operands
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
        else if contains -- "$word" -c --config --data-dir --lock-timeout
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-setpassword -f
complete -c mox-setpassword -l generate -d 'Make a random password and print it.'
complete -c mox-setpassword -s c -l config -r -F -d 'configuration file that names the data directory (default: $MOXCONF, else config/mox.conf)'
complete -c mox-setpassword -l data-dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'data directory, without reading a configuration'
complete -c mox-setpassword -l lock-timeout -x -d 'seconds to wait for another process that holds a lock'
complete -c mox-setpassword -s h -l help -d 'show this help'
complete -c mox-setpassword -l version -d 'show the version'
complete -c mox-setpassword -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-setpassword -s v -l verbose -d 'say each step'
complete -c mox-setpassword -l json -d 'write results and messages as JSON lines'
complete -c mox-setpassword -l no-progress -d 'show no progress line'
complete -c mox-setpassword -n 'test (__mox_setpassword_operands) -eq 0' -x -a 'account admin' -d 'WHOSE'
complete -c mox-setpassword -n 'test (__mox_setpassword_operands) -eq 1' -x -a '(__mox_setpassword_names accounts)' -d 'ACCOUNT'
