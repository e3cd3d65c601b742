# fish completion for mox-export. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_export_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_export_operands
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
        else if contains -- "$word" --layout --archive-format --since --until --from --subject --flag --keyword -c --config --data-dir -j --jobs --lock-timeout
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-export -f
complete -c mox-export -l recursive -d 'Also the mailboxes below MAILBOX; DEST is then a folder.'
complete -c mox-export -l layout -x -a 'maildir++ nested' -d 'How several maildirs lie in DEST.'
complete -c mox-export -l archive-format -x -a 'tar tar.gz tar.zst' -d 'Form of an archive; by default as its name says, and tar for standard output.'
complete -c mox-export -l since -x -d 'Only what was received on that day (UTC) or later.'
complete -c mox-export -l until -x -d 'Only what was received on that day (UTC) or earlier.'
complete -c mox-export -l from -x -d 'Only messages with this text in the From field.'
complete -c mox-export -l subject -x -d 'Only messages with this text in the subject.'
complete -c mox-export -l flag -x -d 'Only messages with this flag, such as seen or $Junk; may be repeated.'
complete -c mox-export -l keyword -x -d 'Only messages with this keyword; may be repeated.'
complete -c mox-export -s c -l config -r -F -d 'configuration file that names the data directory (default: $MOXCONF, else config/mox.conf)'
complete -c mox-export -l data-dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'data directory, without reading a configuration'
complete -c mox-export -s n -l dry-run -d 'say what would be done and change nothing'
complete -c mox-export -s j -l jobs -x -d 'threads that read and write files (default: one for each CPU)'
complete -c mox-export -l lock-timeout -x -d 'seconds to wait for another process that holds a lock'
complete -c mox-export -s h -l help -d 'show this help'
complete -c mox-export -l version -d 'show the version'
complete -c mox-export -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-export -s v -l verbose -d 'say each step'
complete -c mox-export -l json -d 'write results and messages as JSON lines'
complete -c mox-export -l no-progress -d 'show no progress line'
complete -c mox-export -n 'test (__mox_export_operands) -eq 0' -x -a 'mbox maildir archive' -d 'FORMAT'
complete -c mox-export -n 'test (__mox_export_operands) -eq 1' -x -a '(__mox_export_names accounts)' -d 'ACCOUNT'
complete -c mox-export -n 'test (__mox_export_operands) -eq 2' -x -a '(__mox_export_names mailboxes)' -d 'MAILBOX'
complete -c mox-export -n 'test (__mox_export_operands) -eq 3' -r -F -d 'DEST'
