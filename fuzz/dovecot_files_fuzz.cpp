// What Dovecot keeps beside messages, and names of folders: a list of UIDs is read alike however its bytes arrive;
// every folder gets a name that a mailbox may have, and different folders with changed names get different ones.

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/encoding.hpp"
#include "intake/dovecot_files.hpp"
#include "intake/gmail_labels.hpp"
#include "intake/mailbox_names.hpp"
#include "model/mailbox_name.hpp"
#include "require.hpp"

namespace {

using namespace mox;
using namespace mox::intake;

using mox::fuzz::require;

UidList read(std::string_view text, std::size_t chunk) {
    UidList uids;
    for (std::size_t at = 0; at < text.size(); at += chunk) uids.feed(text.substr(at, chunk));
    uids.finish();
    return uids;
}

void check_uids(std::string_view text) {
    const UidList whole = read(text, text.size() + 1);
    for (const std::size_t chunk : {1U, 7U}) {
        const UidList pieces = read(text, chunk);
        require(pieces.size() == whole.size() && pieces.problems() == whole.problems());
        require(pieces.uid_of(text.substr(0, 20)) == whole.uid_of(text.substr(0, 20)));
    }
}

void check_names(std::string_view text) {
    MailboxNames names;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        for (const FolderName& folder : {maildir_plus_parts(line), parts_of_folder(line), parts_of_mbox(line)}) {
            const auto mapped = names.map(folder);
            require(model::mailbox_name_problem(mapped.mailbox).empty());
            require(names.map(folder).mailbox == mapped.mailbox);
        }
        if (const auto decoded = from_modified_utf7(line)) require(is_utf8(*decoded));
    }
}

void check_labels(std::string_view text) {
    const auto labels = parse_gmail_labels(text);
    require(std::set<std::string>(labels.begin(), labels.end()).size() == labels.size());
    const auto meaning = interpret(labels);
    require(!meaning.mailboxes.empty() && meaning.user_labels.size() <= labels.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_uids(text);
    (void)parse_subscriptions(text);
    check_names(text);
    check_labels(text);
    return 0;
}
