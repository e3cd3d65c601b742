#pragma once

#include <map>
#include <string>
#include <vector>

#include "intake/folder_names.hpp"

namespace mox::intake {

// Names of our mailboxes for folders of other programs. Every folder gets one that the rules of model/mailbox_name.hpp
// allow; what had to be changed is told.
class MailboxNames {
public:
    struct Mapped {
        std::string mailbox;               // a valid name
        std::vector<std::string> changes;  // for people, one for each kind of change; empty: the name is as it was
    };
    // The root is Inbox. Bytes that are no UTF-8 are read as Windows-1252; slashes, control characters and parts that
    // are not allowed become '_'; names too long or too deep are cut and told apart by a hash. A folder whose changed
    // name another folder has gets a number: "A_B (2)". Folders that differ only in the form of their characters (NFC)
    // or in the case of "INBOX" share a mailbox.
    [[nodiscard]] Mapped map(const FolderName& folder);

private:
    std::string numbered(const std::string& wanted, const FolderName& folder);

    struct Owner {
        FolderName folder;
        bool repaired = false;
    };
    std::map<std::string, Owner, std::less<>> owners_;     // by mailbox
    std::map<FolderName, std::string> numbered_;           // mailboxes of folders that got a number
    std::map<std::string, int, std::less<>> last_number_;  // by the name without it
};

}  // namespace mox::intake
