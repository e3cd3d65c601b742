# fish completion for mox-backup. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_backup_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_backup_operands
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
        else if contains -- "$word" --archive --archive-format --compression-level --keep-last --keep-daily --keep-weekly --keep-monthly -c --config --data-dir -j --jobs --lock-timeout
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-backup -f
complete -c mox-backup -l archive -r -F -d 'Write one archive instead: FILE ends with .tar.zst, .tar.gz or .tar; \'-\' is standard output.'
complete -c mox-backup -l archive-format -x -a 'tar.zst tar.gz tar' -d 'Format of the archive, whatever its name; of standard output tar.zst by default.'
complete -c mox-backup -l compression-level -x -d 'Of the archive: 1 to 22 for zst (default 3), 1 to 9 for gz (default 6); more is smaller and slower.'
complete -c mox-backup -l keep-last -x -d 'Make DEST a folder of dated snapshots and keep the last N; these rules add up, and the newest one always stays.'
complete -c mox-backup -l keep-daily -x -d 'Likewise the newest of each of the last N days that have one, in UTC.'
complete -c mox-backup -l keep-weekly -x -d 'Likewise of each of N weeks (ISO 8601).'
complete -c mox-backup -l keep-monthly -x -d 'Likewise of each of N months.'
complete -c mox-backup -l verify -d 'Check every promise of the new snapshot, before old ones are removed, and read the messages that are new in it, or all.'
complete -c mox-backup -l link-live -d 'Hard links to the live message files where possible: fast and small, but damage to a file then hits both.'
complete -c mox-backup -l no-config -d 'Leave the configuration out.'
complete -c mox-backup -s c -l config -r -F -d 'configuration file that names the data directory (default: $MOXCONF, else config/mox.conf)'
complete -c mox-backup -l data-dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'data directory, without reading a configuration'
complete -c mox-backup -s n -l dry-run -d 'say what would be done and change nothing'
complete -c mox-backup -s j -l jobs -x -d 'threads that read and write files (default: one for each CPU)'
complete -c mox-backup -l lock-timeout -x -d 'seconds to wait for another process that holds a lock'
complete -c mox-backup -s h -l help -d 'show this help'
complete -c mox-backup -l version -d 'show the version'
complete -c mox-backup -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-backup -s v -l verbose -d 'say each step'
complete -c mox-backup -l json -d 'write results and messages as JSON lines'
complete -c mox-backup -l no-progress -d 'show no progress line'
complete -c mox-backup -n 'test (__mox_backup_operands) -eq 0' -x -a '(__fish_complete_directories (commandline -ct))' -d 'DEST'
