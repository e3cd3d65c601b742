#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "junk/reading.hpp"
#include "mime/header.hpp"
#include "mime/html_text.hpp"

namespace mox::junk {

// Our own words. Those of texts stand for themselves; all others have a prefix that says where they come from:
//   subject:  from:  reply:  to:  mailer:    words of header fields
//   from@     reply@ to@                     domains of addresses, and each domain above; names before the "@"
//   header:                                  what the header looks like
//   part:     name:                          types of parts, names of attachments
//   url:      path:                          hosts of links, and each domain above; words of the rest
//   hidden:                                  text of pages that nobody sees
//   caps:     shape:                         words all in capitals; words too long to be words
// Numbers count by their shape ("$0,000"). Fields that servers, lists and collections add (Received, Return-Path,
// Delivered-To, List-*, X-*, Message-ID, Date) give no words: they recognise the road, not the letter.
class Tokenizer::OwnReader : public Tokenizer::Reader {
public:
    explicit OwnReader(const Parameters& parameters) : grams_(parameters) {}
    void read(std::string_view message, WordSet& words) override;

private:
    // Headers may have any bytes; words are UTF-8.
    void add(std::string_view prefix, std::string_view word);

    // own_header.cpp
    void read_header(std::string_view header);
    void read_field(const mime::Field& field);
    void read_subject(std::string_view value);
    void read_addresses(std::string_view value, std::string_view words, std::string_view domains);
    void read_address(std::string_view address, std::string_view prefix);
    void read_mailer(std::string_view value);
    void read_type(const mime::Part& part);

    // own_reader.cpp
    void read_part(std::string_view message, const mime::Part& part);
    void read_page(const mime::HtmlText& page);
    void read_part_names(const mime::Part& part);

    // own_text.cpp
    void read_text(std::string_view text, std::string_view prefix);
    std::size_t read_plain_words(std::string_view text, std::string_view prefix);
    std::size_t read_ascii_letters(std::string_view text);
    void read_letter(char32_t character, bool digit, std::string_view prefix);
    void read_sign(char32_t character, std::string_view prefix);
    void forget_word();
    std::size_t read_link(std::string_view text);
    void read_url(std::string_view url);
    void read_path(std::string_view path);
    void read_host(std::string_view host, std::string_view prefix);
    void end_word(std::string_view prefix);
    void add_ideograph(std::string_view prefix, std::string_view character);

    WordSet* words_ = nullptr;
    Grams grams_;
    std::size_t budget_ = 0;
    std::size_t links_ = 0;

    // The word that is being read.
    std::string word_, last_ideograph_;
    std::size_t letters_ = 0, capitals_ = 0, digits_ = 0;
    char joint_ = 0;  // a sign after the word that may join it to what follows
};

}  // namespace mox::junk
