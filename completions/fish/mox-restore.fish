# fish completion for mox-restore. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_restore_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_restore_operands
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
        else if contains -- "$word" --account --mailbox --message --since --until --from --subject --into --into-mailbox -c --config --data-dir --config-dir --owner -j --jobs --lock-timeout
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-restore -f
complete -c mox-restore -l list -d 'List accounts; with --account its mailboxes; with --mailbox or another condition messages.'
complete -c mox-restore -l account -x -a '(__mox_restore_names accounts)' -d 'Restore messages of this account of the snapshot.'
complete -c mox-restore -l mailbox -x -a '(__mox_restore_names mailboxes)' -d 'Only those of this mailbox.'
complete -c mox-restore -l message -x -d 'Only this message: its id in --list, or its Message-ID.'
complete -c mox-restore -l since -x -d 'Only those received on this day (UTC), at this time, or later.'
complete -c mox-restore -l until -x -d 'Only those received on this day, at this time, or earlier.'
complete -c mox-restore -l from -x -d 'Only those with this text in their From field.'
complete -c mox-restore -l subject -x -d 'Only those with this text in their subject.'
complete -c mox-restore -l into -x -a '(__mox_restore_names accounts)' -d 'Account that gets the messages.'
complete -c mox-restore -l into-mailbox -x -a '(__mox_restore_names mailboxes)' -d 'Put all into this mailbox instead of those that they were in.'
complete -c mox-restore -l create-account -d 'Make the account when it is missing.'
complete -c mox-restore -l duplicates -d 'Also restore what the mailbox still has.'
complete -c mox-restore -s c -l config -r -F -d 'configuration file that names the data directory (default: $MOXCONF, else config/mox.conf)'
complete -c mox-restore -l data-dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'data directory, without reading a configuration'
complete -c mox-restore -l config-dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'Restore the configuration too, into this new or empty folder.'
complete -c mox-restore -l owner -x -d 'Whose the restored files are, as USER or USER:GROUP.'
complete -c mox-restore -l keep-uidvalidity -d 'Keep the UIDVALIDITY of mailboxes: for a state that no client has seen change since.'
complete -c mox-restore -l hold-queue -d 'Send nothing of the restored queue before you say so.'
complete -c mox-restore -l damaged -d 'Restore what can be restored of a damaged snapshot.'
complete -c mox-restore -s n -l dry-run -d 'say what would be done and change nothing'
complete -c mox-restore -s j -l jobs -x -d 'threads that read and write files (default: one for each CPU)'
complete -c mox-restore -l lock-timeout -x -d 'seconds to wait for another process that holds a lock'
complete -c mox-restore -s h -l help -d 'show this help'
complete -c mox-restore -l version -d 'show the version'
complete -c mox-restore -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-restore -s v -l verbose -d 'say each step'
complete -c mox-restore -l json -d 'write results and messages as JSON lines'
complete -c mox-restore -l no-progress -d 'show no progress line'
complete -c mox-restore -n 'test (__mox_restore_operands) -eq 0' -x -a '(__fish_complete_directories (commandline -ct))' -d 'SNAPSHOT'
complete -c mox-restore -n 'test (__mox_restore_operands) -eq 1' -x -a '(__fish_complete_directories (commandline -ct))' -d 'DEST'
