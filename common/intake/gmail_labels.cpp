#include "intake/gmail_labels.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "mime/charset.hpp"
#include "mime/header.hpp"
#include "model/special_use.hpp"

namespace mox::intake {

namespace {

constexpr std::size_t most_labels = 1000;

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), text) != names.end();
}

std::string_view place_of(model::SpecialUse use) {
    switch (use) {
        case model::SpecialUse::archive:
            return "Archive";
        case model::SpecialUse::drafts:
            return "Drafts";
        case model::SpecialUse::junk:
            return "Junk";
        case model::SpecialUse::sent:
            return "Sent";
        case model::SpecialUse::trash:
            return "Trash";
        case model::SpecialUse::none:
            break;
    }
    return {};
}

std::string_view without_backslash(std::string_view name) {
    return name.starts_with('\\') ? name.substr(1) : name;
}

}  // namespace

std::vector<std::string> parse_gmail_labels(std::string_view value) {
    const std::string text = mime::decode_words(mime::unfold(value));
    std::vector<std::string> labels;
    std::string label;
    bool quoted = false;
    const auto end_label = [&] {
        const std::string name = mime::decode_words(trimmed(label));  // a word that a comma followed
        label.clear();
        if (name.empty() || labels.size() >= most_labels) return;
        if (std::find(labels.begin(), labels.end(), name) == labels.end()) labels.push_back(name);
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') {
            quoted = !quoted;
        } else if (quoted && text[i] == '\\' && i + 1 < text.size()) {
            label += text[++i];
        } else if (text[i] == ',' && !quoted) {
            end_label();
        } else {
            label += text[i];
        }
    }
    end_label();
    return labels;
}

GmailLabels interpret(const std::vector<std::string>& labels) {
    GmailLabels result;
    bool unread = false, archived = false;
    std::string_view place;
    for (const auto& label : labels) {
        const std::string lower = mime::lower_case(label);
        const std::string_view name = without_backslash(lower);
        if (is_one_of(name, {"unread", "ungelesen", "non lus", "no leídos", "da leggere", "ongelezen"})) {
            unread = true;
        } else if (is_one_of(name, {"starred", "markiert", "suivis", "destacados", "speciali", "met ster"})) {
            result.flags = result.flags.with(model::Flag::flagged);
        } else if (is_one_of(name, {"opened", "geöffnet", "ouvert", "abiertos", "important", "wichtig", "importants",
                                    "importantes", "chat", "chats"}) ||
                   name.starts_with("category ") || name.starts_with("kategorie ")) {
            continue;  // tells nothing that has a place here
        } else if (is_one_of(name, {"archived", "archiviert", "archivés", "archivados"})) {
            archived = true;
        } else if (is_one_of(name, {"inbox", "posteingang", "boîte de réception", "recibidos", "posta in arrivo"})) {
            if (place.empty()) place = "Inbox";
        } else if (const auto use = model::special_use_by_name(label);
                   use != model::SpecialUse::none && use != model::SpecialUse::archive) {
            if (use == model::SpecialUse::drafts) result.flags = result.flags.with(model::Flag::draft);
            place = place_of(use);  // mail in Trash or Junk is there and nowhere else
        } else {
            result.user_labels.push_back(label);
        }
    }
    if (!unread) result.flags = result.flags.with(model::Flag::seen);
    if (!place.empty()) result.mailboxes.emplace_back(place);
    const bool hidden = place == "Trash" || place == "Junk";
    if (!hidden) result.mailboxes.insert(result.mailboxes.end(), result.user_labels.begin(), result.user_labels.end());
    if (result.mailboxes.empty() || (archived && place.empty() && result.user_labels.empty()))
        result.mailboxes = {"Archive"};
    return result;
}

}  // namespace mox::intake
