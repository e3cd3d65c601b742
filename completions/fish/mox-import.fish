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
        else if contains -- "$word" -c --config --data-dir -j --jobs --lock-timeout
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-import -f
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
complete -c mox-import -n 'test (__mox_import_operands) -eq 0' -x -a 'mbox maildir' -d 'FORMAT'
complete -c mox-import -n 'test (__mox_import_operands) -eq 1' -x -a '(__mox_import_names accounts)' -d 'ACCOUNT'
complete -c mox-import -n 'test (__mox_import_operands) -eq 2' -x -a '(__mox_import_names mailboxes)' -d 'MAILBOX'
complete -c mox-import -n 'test (__mox_import_operands) -eq 3' -r -F -d 'PATH'
