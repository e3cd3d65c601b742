#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "intake/mail_tree.hpp"
#include "intake/mailbox_names.hpp"
#include "model/automatic_junk_flags.hpp"
#include "store/bulk.hpp"

namespace mox::importing {

// How folders of the source become mailboxes.
struct DestinationRules {
    std::string into;                           // normalised; everything goes there. Empty: by name
    std::string prefix;                         // normalised; put before every name. Empty: none
    std::vector<std::string> include, exclude;  // shell patterns of mailbox names; '*' matches '/' too
    bool map_special_use = true;                // "Sent Items" goes to the account's mailbox for sent mail
    model::AutomaticJunkFlags junk;
};

struct KnownMailbox {
    std::string name;
    store::SpecialUse special_use = store::SpecialUse::none;
};

// The mailboxes of one import, numbered in the order of their first use.
class Destinations {
public:
    // `known`: the account's mailboxes.
    Destinations(DestinationRules rules, const std::vector<KnownMailbox>& known);

    struct Place {
        std::string mailbox;
        std::optional<std::size_t> target;  // nullopt: left out by --include or --exclude
        std::vector<std::string> changes;   // why the name is another one, for people
    };
    [[nodiscard]] Place place_of(const intake::TreeFolder& folder);

    // By number; what BulkInsert::commit() takes.
    [[nodiscard]] const std::vector<store::BulkInsert::Target>& targets() const { return targets_; }
    // Those of --include and --exclude that no mailbox matched so far.
    [[nodiscard]] std::vector<std::string> unmatched_patterns() const;

private:
    struct Pattern {
        std::string text;
        bool matched = false;
    };
    static bool matches(std::vector<Pattern>& patterns, const std::string& mailbox);
    bool is_wanted(const std::string& mailbox);
    std::size_t target(const std::string& mailbox, store::SpecialUse special_use, bool subscribed);

    DestinationRules rules_;
    std::vector<Pattern> include_, exclude_;
    std::map<store::SpecialUse, std::string> by_use_;  // the account's mailbox for each special use
    intake::MailboxNames names_;
    std::map<std::string, std::size_t, std::less<>> by_name_;
    std::vector<store::BulkInsert::Target> targets_;
};

}  // namespace mox::importing
