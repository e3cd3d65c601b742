#include "junk/tokenizer.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "junk/classifier.hpp"

using namespace mox;
using Words = std::vector<std::string>;

namespace {

Words words_of(std::string_view message, const junk::Parameters& parameters) {
    junk::Tokenizer tokenizer(parameters, junk::Texts::keep);
    return tokenizer.read(message).sorted();
}
Words classic(std::string_view message) {
    return words_of(message, {});
}
std::set<std::string> own(std::string_view message, bool twograms = false) {
    const auto words = words_of(message, {.twograms = twograms, .tokenizer_version = junk::own_tokenizer});
    return {words.begin(), words.end()};
}
std::string with_type(std::string_view type, std::string_view body) {
    return "Content-Type: " + std::string(type) + "\r\n\r\n" + std::string(body);
}
bool has_all(const std::set<std::string>& words, const Words& wanted) {
    for (const auto& word : wanted)
        if (!words.contains(word)) {
            UNSCOPED_INFO("missing: " << word);
            return false;
        }
    return true;
}

}  // namespace

TEST_CASE("the compatible words are those of the original", "[junk]") {
    CHECK(classic("Subject: =?utf-8?q?caf=C3=A9?= R\xc3\xa9sum\xc3\xa9 a-b\r\n\r\n") ==
          Words{"Subject:r\xc3\xa9sum\xc3\xa9"});
    CHECK(classic("\r\nrock'n'roll strengths rhythms 0xdeadbeef dead123 a1234b ab12 abc123 foo_bar "
                  "http://www.example.com") ==
          Words{"0xdeadbeef", "ab12", "bar", "com", "example", "foo", "http", "rock", "roll", "strengths", "www"});
    CHECK(words_of("\r\none two 12 three", {.onegrams = false, .twograms = true, .threegrams = true}) ==
          Words{"one two", "one two three", "two three"});
}

TEST_CASE("the compatible words are without the original's faults", "[junk]") {
    CHECK(classic("From: x\r\n\r\nplain message without type") == Words{"message", "plain", "type", "without"});
    CHECK(classic(with_type("text/html", "friend<br>tomorrow<p>xyz")) == Words{"friend", "tomorrow", "xyz"});
}

TEST_CASE("our words say where they come from", "[junk]") {
    const auto words =
        own("From: =?utf-8?q?J=C3=B6rg?= <news42@mail.shop.example>\r\nTo: a@b.example\r\nSubject: FREE "
            "=?iso-8859-1?q?Caf=E9?=!\r\nX-Mailer: The Bat\r\nReceived: from relay.example\r\n\r\n"
            "Pay $1,000 (50%) at http://user@www.Shop.example:80/buy/now?id=77, don't e-mail me\r\n");
    CHECK(has_all(words, {"from:j\xc3\xb6rg",
                          "from@news00@",
                          "from@mail.shop.example",
                          "from@shop.example",
                          "from@example",
                          "to:(one)",
                          "subject:free",
                          "subject:caf\xc3\xa9!",
                          "caps:free",
                          "subject:=?iso-8859-1",
                          "mailer:bat",
                          "$0,000",
                          "00%",
                          "url:www.shop.example",
                          "url:user@",
                          "url:port",
                          "path:buy",
                          "url:query",
                          "don't",
                          "e-mail",
                          "header:no date",
                          "part:text/plain"}));
    for (const auto& word : words) CHECK(word.find("relay") == std::string::npos);
    CHECK(own("\r\ncheap pills", true).contains("cheap pills"));
}

TEST_CASE("our words come from every part, charset and script", "[junk]") {
    CHECK(has_all(own("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; "
                      "charset=koi8-r\r\nContent-Transfer-Encoding: base64\r\n\r\n8NLJ18XU\r\n--x\r\nContent-Type: "
                      "application/zip; name=\"Invoice.exe\"\r\n\r\nxx\r\n--x--\r\n"),
                  {"\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82", "part:charset koi8-r", "part:application/zip",
                   "name:invoice", "name:.exe"}));
    CHECK(has_all(own("\r\n\xe4\xbd\xa0\xe5\xa5\xbd\xe5\x90\x97"),
                  {"\xe4\xbd\xa0\xe5\xa5\xbd", "\xe5\xa5\xbd\xe5\x90\x97", "\xe4\xbd\xa0"}));
    CHECK(own("\r\nvi\xc2\xad"
              "agra v\xe2\x80\x8bia")
              .contains("viagra"));
    const auto page = own(with_type("text/html",
                                    "<p>shown</p>mid<b>dle</b> <span style='display: none'>secret </span> <a "
                                    "href='http://link.example/'>x</a><script>code</script> <font "
                                    "color=#fff>white</font><!-- comment -->"));
    CHECK(has_all(page, {"shown", "middle", "hidden:secret", "hidden:white", "url:link.example"}));
    for (const char* word : {"secret", "code", "white", "comment"}) CHECK_FALSE(page.contains(word));
}

TEST_CASE("no message is too much for the tokenizers", "[junk]") {
    std::string nested;
    for (int i = 0; i < 1'000; ++i) nested += "Content-Type: message/rfc822\r\n\r\n";
    std::string tags = with_type("text/html", "");
    for (int i = 0; i < 60'000; ++i) tags += "<div><font color=1>";
    std::string attributes = with_type("text/html", "<a");
    for (int i = 0; i < 60'000; ++i) attributes += " a" + std::to_string(i) + "=1";
    std::string formats = with_type("text/html", "");
    for (int i = 0; i < 3'000; ++i) formats += "<font a=" + std::to_string(i) + "><table></font></table>";
    for (int i = 0; i < 3'000; ++i) formats += "<div><p>x</div>";
    std::string many = "\r\n";
    for (int i = 0; i < 120'000; ++i)
        many += "w" + std::string(1, char('a' + i % 26)) + to_hex(as_bytes(std::to_string(i))) + ' ';
    const Words messages{
        "",
        "\r\n",
        std::string(1 << 20, 'a'),
        "\r\n" + std::string(8 << 20, 'a'),
        "Subject: " + std::string(1 << 20, 'b') + "\r\n\r\n",
        "\r\n" + std::string(100'000, '\0') + "\xff\xfe\x80",
        nested,
        tags,
        attributes,
        formats,
        many,
        "Content-Type: te\xfft/pl\xc3; charset=\xff; name=\"a.\xe4\"; boundary=\xff\r\nPriority: \xff\r\n\r\nx",
        "From: " + std::string(63, 'a') + "\xc3\xa4@\xff.example\r\nSubject: =?\xff?q?x?=\r\n\r\nx",
        with_type("text/plain; charset=no-such", "\xe4\xf6\xfc"),
        with_type("text/html; charset=utf-16", "<b>x")};
    for (const int version : {junk::classic_tokenizer, junk::own_tokenizer}) {
        const junk::Parameters parameters{.twograms = true, .threegrams = true, .tokenizer_version = version};
        junk::Tokenizer tokenizer(parameters, junk::Texts::keep);
        junk::Tokenizer keys_only(parameters);
        for (const auto& message : messages) {
            const auto& words = tokenizer.read(message);
            CHECK(words.size() <= junk::max_words);
            const std::size_t step = words.size() / 500 + 1;
            for (std::size_t i = 0; i < words.size(); i += step) {
                REQUIRE(is_utf8(words.text(i)));
                REQUIRE(junk::word_key(words.text(i)) == words.keys()[i]);
            }
            CHECK(keys_only.read(message).keys() == words.keys());
        }
        CHECK(tokenizer.read("").empty());
    }
    CHECK_THROWS_AS(junk::Tokenizer({.tokenizer_version = 9}), Error);
}

TEST_CASE("the compatible scoring is the original's", "[junk]") {
    junk::Scoring scoring{.method = junk::Scoring::Method::classic, .rare_words = 1};
    std::vector<junk::CountedWord> words;
    for (const char* word : {"a", "b", "c", "d"}) words.push_back({word, {.ham = 50, .spam = 0}});
    for (const char* word : {"x", "y"}) words.push_back({word, {.ham = 0, .spam = 50}});
    const junk::Counts totals{.ham = 100, .spam = 100};
    CHECK(junk::judge(words, totals, scoring).probability == Approx(0.000102019996));
    CHECK(junk::judge({}, totals, scoring).probability == 0.5);
    CHECK(junk::judge(words, {}, scoring).probability == 0.5);
}

TEST_CASE("our scoring explains itself and does not depend on the order", "[junk]") {
    std::vector<junk::CountedWord> words{{"cheap", {.ham = 0, .spam = 40}},      {"pills", {.ham = 0, .spam = 50}},
                                         {"lunch", {.ham = 30, .spam = 1}},      {"the", {.ham = 90, .spam = 90}},
                                         {"url:numbers", {.ham = 0, .spam = 9}}, {"from@org", {.ham = 50, .spam = 5}}};
    const junk::Counts totals{.ham = 100, .spam = 100};
    const auto verdict = junk::judge(words, totals, {});
    REQUIRE(verdict.words.size() == 5);  // "the" says nothing
    CHECK(verdict.words[0].word == "pills");
    CHECK(verdict.words[0].counts == junk::Counts{.ham = 0, .spam = 50});
    CHECK(verdict.probability > 0.95);
    std::reverse(words.begin(), words.end());
    CHECK(junk::judge(words, totals, {}).probability == verdict.probability);
    CHECK(junk::judge(words, {.ham = 100, .spam = 0}, {}).probability == 0.5);
}
