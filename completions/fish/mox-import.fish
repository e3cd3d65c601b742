# fish completion for mox-import. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_import_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_import_operands
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
        else if contains -- "$word" --into --prefix --include --exclude --gmail-labels --since --max-message-size --report -c --config --data-dir -j --jobs --lock-timeout
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-import -f
complete -c mox-import -l into -x -a '(__mox_import_names mailboxes)' -d 'Put everything into this one mailbox.'
complete -c mox-import -l prefix -x -a '(__mox_import_names mailboxes)' -d 'Put all mailboxes below this one.'
complete -c mox-import -l include -x -d 'Only mailboxes that match, such as \'Lists/*\'.'
complete -c mox-import -l exclude -x -d 'No mailboxes that match.'
complete -c mox-import -l keep-names -d 'Keep names such as \'Sent Items\' instead of using the account\'s mailbox for sent mail.'
complete -c mox-import -l gmail-labels -x -a 'mailboxes keywords ignore' -d 'What becomes of labels in mail from Google Takeout.'
complete -c mox-import -l since -x -d 'Only messages received on or after this day, YYYY-MM-DD in UTC.'
complete -c mox-import -l skip-duplicates -d 'Leave out what the mailbox holds already: the same contents, or the same Message-ID and size.'
complete -c mox-import -l max-message-size -x -d 'Refuse larger messages.'
complete -c mox-import -l keep-partial -d 'Of an archive that is cut off or damaged, import what came before.'
complete -c mox-import -l report -r -F -d 'Write a JSON line for each message to this file.'
complete -c mox-import -s c -l config -r -F -d 'configuration file that names the data directory (default: $MOXCONF, else config/mox.conf)'
complete -c mox-import -l data-dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'data directory, without reading a configuration'
complete -c mox-import -s n -l dry-run -d 'say what would be done and change nothing'
complete -c mox-import -s j -l jobs -x -d 'threads that read and write files (default: one for each CPU)'
complete -c mox-import -l lock-timeout -x -d 'seconds to wait for another process that holds a lock'
complete -c mox-import -s h -l help -d 'show this help'
complete -c mox-import -l version -d 'show the version'
complete -c mox-import -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-import -s v -l verbose -d 'say each step'
complete -c mox-import -l json -d 'write results and messages as JSON lines'
complete -c mox-import -l no-progress -d 'show no progress line'
complete -c mox-import -n 'test (__mox_import_operands) -eq 0' -x -a 'mbox maildir auto archive' -d 'FORMAT'
complete -c mox-import -n 'test (__mox_import_operands) -eq 1' -x -a '(__mox_import_names accounts)' -d 'ACCOUNT'
complete -c mox-import -n 'test (__mox_import_operands) -ge 2' -r -F -d 'PATH'
