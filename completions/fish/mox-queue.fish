# fish completion for mox-queue. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_queue_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_queue_operands
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
        else if contains -- "$word" --id --account --to-domain --recipient --sender-domain --transport -c --config --data-dir --lock-timeout
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-queue -f
complete -c mox-queue -l id -x -d 'Only this message.'
complete -c mox-queue -l account -x -a '(__mox_queue_names accounts)' -d 'Only messages that this account sent.'
complete -c mox-queue -l to-domain -x -d 'Only messages to this domain.'
complete -c mox-queue -l recipient -x -d 'Only messages to this address.'
complete -c mox-queue -l sender-domain -x -d 'Only messages from this domain.'
complete -c mox-queue -l all -d 'Of drop: all messages.'
complete -c mox-queue -l transport -x -d 'Of kick: send by this transport of mox.conf from now on.'
complete -c mox-queue -s c -l config -r -F -d 'configuration file that names the data directory (default: $MOXCONF, else config/mox.conf)'
complete -c mox-queue -l data-dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'data directory, without reading a configuration'
complete -c mox-queue -s n -l dry-run -d 'say what would be done and change nothing'
complete -c mox-queue -l lock-timeout -x -d 'seconds to wait for another process that holds a lock'
complete -c mox-queue -s h -l help -d 'show this help'
complete -c mox-queue -l version -d 'show the version'
complete -c mox-queue -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-queue -s v -l verbose -d 'say each step'
complete -c mox-queue -l json -d 'write results and messages as JSON lines'
complete -c mox-queue -l no-progress -d 'show no progress line'
complete -c mox-queue -n 'test (__mox_queue_operands) -eq 0' -x -a 'list kick drop' -d 'ACTION'
