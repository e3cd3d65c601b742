#include "junk/own_reader.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "mime/scanner.hpp"

namespace mox::junk {

void Tokenizer::OwnReader::add(std::string_view prefix, std::string_view word) {
    if (is_utf8(word)) {
        words_->add(prefix, word);
        return;
    }
    std::string clean(word);
    for (char& c : clean)
        if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    words_->add(prefix, clean);
}

void Tokenizer::OwnReader::read(std::string_view message, WordSet& words) {
    words_ = &words;
    budget_ = max_text_bytes;
    links_ = 0;
    const mime::Part root = mime::scan_parts(message);
    if (trimmed(message).empty()) return;
    read_header(message.substr(0, root.body_offset));
    read_part(message, root);
}

void Tokenizer::OwnReader::read_part(std::string_view message, const mime::Part& part) {
    read_type(part);
    read_part_names(part);
    for (const auto& child : part.children) read_part(message, child);  // as deep as mime::max_depth
    if (!part.children.empty() || part.type != "text" || budget_ == 0) return;
    const std::string text = text_of(message, part, budget_);
    grams_.restart();
    if (part.subtype == "html")
        read_page(mime::read_html(text));
    else
        read_text(text, "");
}

void Tokenizer::OwnReader::read_page(const mime::HtmlText& page) {
    read_text(page.text, "");
    grams_.restart();
    read_text(page.hidden, "hidden:");
    for (std::size_t i = 0; i < page.links.size(); ++i)
        if (i == 0 || page.links[i] != page.links[i - 1]) read_url(page.links[i]);
    if (!page.parsed) add("shape:", "page not parsed");
}

void Tokenizer::OwnReader::read_part_names(const mime::Part& part) {
    for (const auto* const parameters : {&part.parameters, &part.disposition_parameters}) {
        for (const std::string_view wanted : {"name", "filename"}) {
            const std::string* const name = mime::find_parameter(*parameters, wanted);
            if (name == nullptr) continue;
            grams_.restart();
            read_text(std::string_view(*name).substr(0, 500), "name:");
            const auto dot = name->rfind('.');
            if (dot != std::string::npos && name->size() - dot <= 10) add("name:", ascii_lower(name->substr(dot)));
        }
    }
}

}  // namespace mox::junk
