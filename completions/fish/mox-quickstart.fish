# fish completion for mox-quickstart. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_quickstart_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_quickstart_operands
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
        else if contains -- "$word" --dir --user --ip --cert --key
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-quickstart -f
complete -c mox-quickstart -l dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'Where the folders config and data are made; default: here.'
complete -c mox-quickstart -l user -x -d 'User that the server runs as, a name or a number; default: mox.'
complete -c mox-quickstart -l ip -x -d 'Listen on this address; default: the machine\'s public ones, else all.'
complete -c mox-quickstart -l cert -r -F -d 'An existing certificate in PEM, with those that lead to its root.'
complete -c mox-quickstart -l key -r -F -d 'Its private key.'
complete -c mox-quickstart -l skip-dns -d 'Look nothing up in DNS.'
complete -c mox-quickstart -s h -l help -d 'show this help'
complete -c mox-quickstart -l version -d 'show the version'
complete -c mox-quickstart -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-quickstart -s v -l verbose -d 'say each step'
complete -c mox-quickstart -l json -d 'write results and messages as JSON lines'
complete -c mox-quickstart -l no-progress -d 'show no progress line'
