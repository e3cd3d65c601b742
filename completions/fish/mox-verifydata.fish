# fish completion for mox-verifydata. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_verifydata_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_verifydata_operands
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
        else if contains -- "$word" --seed --only --rebuild --from -j --jobs --lock-timeout
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-verifydata -f
complete -c mox-verifydata -l read-data -d 'Read messages and compare them with their recorded SHA-256: all, or a random sample of so many, as in --read-data=10%; of an archive all are always compared.'
complete -c mox-verifydata -l seed -x -d 'Seed of the random sample, to read the same one again.'
complete -c mox-verifydata -l skip-size-check -d 'Do not compare the sizes of message files.'
complete -c mox-verifydata -l only -x -d 'Checks whose findings are wanted, separated by commas.'
complete -c mox-verifydata -l fix -d 'Mend what can be mended safely: everything, or what these checks find, separated by commas.'
complete -c mox-verifydata -s n -l dry-run -d 'say what would be done and change nothing'
complete -c mox-verifydata -l rebuild -x -a '(__mox_verifydata_names accounts)' -d 'Make the database of this account anew from its message files, when it is lost or beyond repair.'
complete -c mox-verifydata -l from -x -a '(__fish_complete_directories (commandline -ct))' -d 'With --rebuild: snapshot that tells mailboxes, flags and dates of the messages that it knows.'
complete -c mox-verifydata -l force -d 'With --rebuild: although the present database is sound.'
complete -c mox-verifydata -l list-checks -d 'List all checks and exit.'
complete -c mox-verifydata -s j -l jobs -x -d 'threads that read and write files (default: one for each CPU)'
complete -c mox-verifydata -l lock-timeout -x -d 'seconds to wait for another process that holds a lock'
complete -c mox-verifydata -s h -l help -d 'show this help'
complete -c mox-verifydata -l version -d 'show the version'
complete -c mox-verifydata -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-verifydata -s v -l verbose -d 'say each step'
complete -c mox-verifydata -l json -d 'write results and messages as JSON lines'
complete -c mox-verifydata -l no-progress -d 'show no progress line'
complete -c mox-verifydata -n 'test (__mox_verifydata_operands) -eq 0' -r -F -d 'DIR'
