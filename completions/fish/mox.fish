# fish completion for mox. Written by gencompletions from the option definitions.

# True when a command with a program of its own was typed.
function __mox_command
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] backup restore verifydata gentestdata import export retrain quickstart account address domain setpassword queue config printservice serve localserve stop loglevels
end

# What the command's own program would complete.
function __mox_delegate
    set -l words (commandline -opc)
    set -l program (string replace -r 'mox$' "mox-$words[2]" -- $words[1])
    complete -C (string join ' ' -- (string escape -- $program $words[3..]) (commandline -ct))
end

complete -c mox -f
complete -c mox -n '__fish_is_first_token' -a backup -d 'Copy a data directory consistently, also while the server runs.'
complete -c mox -n '__fish_is_first_token' -a restore -d 'Restore a data directory, or messages, from a snapshot.'
complete -c mox -n '__fish_is_first_token' -a verifydata -d 'Check a data directory, a snapshot or an archive of one.'
complete -c mox -n '__fish_is_first_token' -a gentestdata -d 'Make a data directory for upgrade tests and demonstrations.'
complete -c mox -n '__fish_is_first_token' -a import -d 'Import mail of other programs into mailboxes.'
complete -c mox -n '__fish_is_first_token' -a export -d 'Export an account or a mailbox as mbox files, maildirs or an archive.'
complete -c mox -n '__fish_is_first_token' -a retrain -d 'Make an account\'s junk filter anew from the flags of its messages.'
complete -c mox -n '__fish_is_first_token' -a quickstart -d 'Make the configuration of a new mail server.'
complete -c mox -n '__fish_is_first_token' -a account -d 'Add, remove and list accounts.'
complete -c mox -n '__fish_is_first_token' -a address -d 'Add and remove addresses of accounts.'
complete -c mox -n '__fish_is_first_token' -a domain -d 'Add and remove domains, and print their DNS records.'
complete -c mox -n '__fish_is_first_token' -a setpassword -d 'Set the password of an account or of the admin pages.'
complete -c mox -n '__fish_is_first_token' -a queue -d 'List, hurry and drop messages of the outgoing queue.'
complete -c mox -n '__fish_is_first_token' -a config -d 'Check the configuration, or print templates of it.'
complete -c mox -n '__fish_is_first_token' -a printservice -d 'Print the systemd unit that starts the server.'
complete -c mox -n '__fish_is_first_token' -a serve -d 'Run the mail server.'
complete -c mox -n '__fish_is_first_token' -a localserve -d 'Run a mail server of your own to try, on this host alone.'
complete -c mox -n '__fish_is_first_token' -a stop -d 'End the mail server.'
complete -c mox -n '__fish_is_first_token' -a loglevels -d 'Show or change what a running server logs.'
complete -c mox -n '__fish_is_first_token' -a help -d 'List the commands, or show the help of one.'
complete -c mox -n '__fish_is_first_token' -a version -d 'Show the version.'
complete -c mox -n '__fish_seen_subcommand_from help; and not __mox_command' -a 'backup restore verifydata gentestdata import export retrain quickstart account address domain setpassword queue config printservice serve localserve stop loglevels'
complete -c mox -n '__mox_command' -a '(__mox_delegate)'
complete -c mox -n 'not __mox_command' -s h -l help -d 'show this help'
complete -c mox -n 'not __mox_command' -l version -d 'show the version'
complete -c mox -n 'not __mox_command' -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox -n 'not __mox_command' -s v -l verbose -d 'say each step'
complete -c mox -n 'not __mox_command' -l json -d 'write results and messages as JSON lines'
complete -c mox -n 'not __mox_command' -l no-progress -d 'show no progress line'
