# fish completion for mox-retrain. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_retrain_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_retrain_operands
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
        else if contains -- "$word" --folds --explain -c --config --data-dir -j --jobs --lock-timeout
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-retrain -f
complete -c mox-retrain -l all -d 'All accounts that have a junk filter.'
complete -c mox-retrain -l evaluate -d 'Measure on the account\'s own mail instead; changes nothing.'
complete -c mox-retrain -l folds -x -d 'Parts that the mail is dealt into for --evaluate.'
complete -c mox-retrain -l explain -r -F -d 'Say what the filter makes of the message in FILE, and why.'
complete -c mox-retrain -s c -l config -r -F -d 'configuration file that names the data directory (default: $MOXCONF, else config/mox.conf)'
complete -c mox-retrain -l data-dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'data directory, without reading a configuration'
complete -c mox-retrain -s n -l dry-run -d 'say what would be done and change nothing'
complete -c mox-retrain -s j -l jobs -x -d 'threads that read and write files (default: one for each CPU)'
complete -c mox-retrain -l lock-timeout -x -d 'seconds to wait for another process that holds a lock'
complete -c mox-retrain -s h -l help -d 'show this help'
complete -c mox-retrain -l version -d 'show the version'
complete -c mox-retrain -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-retrain -s v -l verbose -d 'say each step'
complete -c mox-retrain -l json -d 'write results and messages as JSON lines'
complete -c mox-retrain -l no-progress -d 'show no progress line'
complete -c mox-retrain -n 'test (__mox_retrain_operands) -eq 0' -x -a '(__mox_retrain_names accounts)' -d 'ACCOUNT'
