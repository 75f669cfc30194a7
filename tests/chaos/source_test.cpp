#include "chaos/scenario/source.hpp"

#include <cstddef>
#include <map>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace windtunnel::chaos {
namespace {

Place place_in(const std::string& text, const std::string& pointer) {
  const Source source = parse_source(text, "f");
  EXPECT_TRUE(source.errors().empty()) << error_text(source.errors().front());
  return source.place_of(pointer);
}

std::string first_error(const std::string& text) {
  const Source source = parse_source(text, "f");
  return source.errors().empty() ? "" : error_text(source.errors().front());
}

TEST(Source, KnowsThePlaceOfEveryKindOfValue) {
  const std::string text =
      "{ // a comment with \"quotes\": {1, 2}\n"
      "  \"number\": -1.5e3, \"text\" : \"a \\\" b\",\n"
      "  \"list\": [ true,/* , */ null, { \"in\": 7 } ], \"empty\": {}, \"last\": 0 }";
  EXPECT_EQ(place_in(text, ""), (Place{"f", 1, 1}));
  EXPECT_EQ(place_in(text, "/number"), (Place{"f", 2, 13}));
  EXPECT_EQ(place_in(text, "/text"), (Place{"f", 2, 30}));
  EXPECT_EQ(place_in(text, "/list"), (Place{"f", 3, 11}));
  EXPECT_EQ(place_in(text, "/list/0"), (Place{"f", 3, 13}));
  EXPECT_EQ(place_in(text, "/list/1"), (Place{"f", 3, 26}));
  EXPECT_EQ(place_in(text, "/list/2/in"), (Place{"f", 3, 40}));
  EXPECT_EQ(place_in(text, "/empty"), (Place{"f", 3, 56}));
  EXPECT_EQ(place_in(text, "/last"), (Place{"f", 3, 68}));
}

TEST(Source, KnowsThePlaceOfKeysApartFromThatOfValues) {
  const Source source = parse_source("{\n  \"a\":\n    { \"b\": 1 } }", "f");
  EXPECT_EQ(source.place_of_key("/a"), (Place{"f", 2, 3}));
  EXPECT_EQ(source.place_of("/a"), (Place{"f", 3, 5}));
  EXPECT_EQ(source.place_of_key("/a/b"), (Place{"f", 3, 7}));
}

TEST(Source, CountsColumnsInCharacters) {
  EXPECT_EQ(place_in("{ \"größe±\": 1 }", "/größe±"), (Place{"f", 1, 13}));
}

TEST(Source, SkipsAByteOrderMark) {
  EXPECT_EQ(place_in("\xEF\xBB\xBF{ \"a\": 1 }", "/a").line, 1U);
}

TEST(Source, NamesTheNearestValueAroundAMissingOne) {
  EXPECT_EQ(place_in("{\n \"a\": { \"b\": 1 } }", "/a/x/y"), (Place{"f", 2, 7}));
}

TEST(Source, KeepsTheOrderOfMembers) {
  const Source source = parse_source(R"({ "z": 1, "a": 2, "m": 3 })", "f");
  EXPECT_EQ(source.document().dump(), R"({"z":1,"a":2,"m":3})");
}

TEST(Source, KeepsTheFirstValueOfAKeyGivenTwice) {
  const Source source =
      parse_source("{ \"a\": 1,\n  \"a\": { \"b\": [1], \"b\": 2 },\n  \"a\": { \"b\": 3 } }", "f");
  EXPECT_TRUE(source.is_readable());
  EXPECT_EQ(source.document().dump(), R"({"a":1})");
  ASSERT_EQ(source.errors().size(), 3U);
  EXPECT_EQ(source.errors()[0].place, (Place{"f", 2, 3}));
  EXPECT_EQ(source.errors()[1].place, (Place{"f", 2, 20}));
  EXPECT_EQ(source.errors()[2].place, (Place{"f", 3, 3}));
}

TEST(Source, RefusesDeepNestingBeforeItCanHurt) {
  const std::string deep(200'000, '[');
  EXPECT_NE(first_error(deep).find("nesting deeper than 64 levels"), std::string::npos);
  EXPECT_EQ(first_error(std::string(64, '[') + std::string(64, ']')), "");
}

TEST(Source, PutsASyntaxErrorAtItsToken) {
  EXPECT_EQ(first_error("{ \"a\": 1,\n  \"b\" 2 }"),
            "f:2:7: found '2'; expected ':' after the key");
  EXPECT_EQ(first_error("{ \"a\": [1, 2, }"), "f:1:15: /a: found '}'; expected a value");
  EXPECT_EQ(first_error("{ \"a\": [1 2] }"), "f:1:11: /a: found '2'; expected ',' or ']'");
  EXPECT_EQ(first_error("{ \"a\": {} \"b\": 1 }"), "f:1:11: found \"b\"; expected ',' or '}'");
  EXPECT_EQ(first_error("{} }"), "f:1:4: found '}'; expected the end of the file");
  EXPECT_EQ(first_error("[1, 2"), "f:1:6: found the end of the file; expected ',' or ']'");
  EXPECT_EQ(first_error("{ \"a\": \"\\x\" }"),
            "f:1:8: found \"\\x\"; expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u after a "
            "backslash");
}

TEST(Source, SeesWhatStandsBehindAZeroByte) {
  EXPECT_EQ(first_error(std::string("{}\0{", 4)), "f:1:3: found a zero byte; expected text");
}

/// Writes random JSON with random blanks and comments between its tokens, and keeps where each
/// value begins.
class RandomDocument {
 public:
  RandomDocument() { write_value("", 3); }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::map<std::string, std::size_t>& offsets() const { return offsets_; }

 private:
  void write_blanks() {
    text_ += *rc::gen::element<std::string>("", " ", "\n", "\t\r\n", "// \"{[,:]} ± \\\n",
                                            "/* , \"x\" : ] } **/");
  }

  void write_value(const std::string& pointer, int depth) {
    write_blanks();
    offsets_[pointer] = text_.size();
    const int kind = *rc::gen::inRange(0, depth > 0 ? 3 : 1);
    if (kind == 0) {
      text_ +=
          *rc::gen::element<std::string>("0", "-1.5e-3", "true", "false", "null", "\"\"", "\"±//\"",
                                         "\"\\\\\"", "\"a\\\"b\\u00e9,]\"", "18446744073709551615");
    } else {
      write_container(pointer, depth, kind == 1);
    }
    write_blanks();
  }

  void write_container(const std::string& pointer, int depth, bool is_object) {
    text_ += is_object ? '{' : '[';
    const int size = *rc::gen::inRange(0, 4);
    for (int i = 0; i < size; ++i) {
      text_ += i == 0 ? "" : ",";
      write_blanks();
      if (is_object) {
        text_ += "\"" + std::to_string(i) + "\"";
        write_blanks();
        text_ += ':';
      }
      write_value(pointer + "/" + std::to_string(i), depth - 1);
    }
    write_blanks();
    text_ += is_object ? '}' : ']';
  }

  std::string text_;
  std::map<std::string, std::size_t> offsets_;
};

TEST(Source, FindsEveryValueOfAnyDocument) {
  EXPECT_TRUE(rc::check([] {
    const RandomDocument document;
    const Source source = parse_source(document.text(), "f");
    RC_ASSERT(source.errors().empty());
    for (const auto& [pointer, offset] : document.offsets()) {
      RC_ASSERT(source.place_of(pointer) == source.place_at(offset));
    }
  }));
}

// ---- overrides ----

Source overridden(std::string_view assignment) {
  Source source = parse_source(
      R"({ "a": { "b": 1, "w-{1..3}": { "c": 2 } }, "timeline": [ { "id": "kill" }, { "id": "y.z" } ] })",
      "f");
  apply_override(source, assignment);
  return source;
}

std::string override_error(std::string_view assignment) {
  const Source source = overridden(assignment);
  return source.errors().empty() ? "" : error_text(source.errors().front());
}

TEST(Override, TakesJsonOrElseText) {
  EXPECT_EQ(overridden("a.b=5").document().at("a").at("b"), Json(5));
  EXPECT_EQ(overridden("a.b=5s").document().at("a").at("b"), Json("5s"));
  EXPECT_EQ(overridden("a.b={\"c\": [1]}").document().at("a").at("b").dump(), R"({"c":[1]})");
  EXPECT_EQ(overridden("a.b=").document().at("a").at("b"), Json(""));
  EXPECT_EQ(overridden("a.b=x=y").document().at("a").at("b"), Json("x=y"));
}

TEST(Override, FindsMembersWithDotsInTheirNames) {
  EXPECT_EQ(overridden("a.w-{1..3}.c=9").document().at("a").at("w-{1..3}").at("c"), Json(9));
  EXPECT_EQ(overridden("/a/w-{1..3}/c=9").document().at("a").at("w-{1..3}").at("c"), Json(9));
}

TEST(Override, FindsElementsByIdAndByIndex) {
  EXPECT_EQ(overridden("timeline.kill.at=1s").document().at("timeline").at(0).at("at"), Json("1s"));
  EXPECT_EQ(overridden("timeline.1.at=1s").document().at("timeline").at(1).at("at"), Json("1s"));
  EXPECT_EQ(overridden("/timeline/y.z/at=1s").document().at("timeline").at(1).at("at"), Json("1s"));
}

TEST(Override, MakesWhatIsMissingOnTheWay) {
  EXPECT_EQ(overridden("new.deep.c=1").document().at("new").dump(), R"({"deep":{"c":1}})");
}

TEST(Override, IsThePlaceOfWhatItSetAndOfNothingElse) {
  const Source source = overridden("a.n.c=1");
  EXPECT_EQ(source.place_of("/a/n/c"), (Place{"--set a.n.c=1", 0, 0}));
  EXPECT_EQ(source.place_of_key("/a/n"), (Place{"--set a.n.c=1", 0, 0}));
  EXPECT_EQ(source.place_of("/a/b"), (Place{"f", 1, 15}));
  EXPECT_EQ(source.place_of("/a"), (Place{"f", 1, 8}));
}

TEST(Override, SaysWhereAPathLeadsNowhere) {
  EXPECT_EQ(
      override_error("timeline.kil.at=1s"),
      "--set timeline.kil.at=1s: /timeline: found no element \"kil\"; expected an index below "
      "2 or an id; did you mean \"kill\"?");
  EXPECT_EQ(
      override_error("timeline.2=1"),
      "--set timeline.2=1: /timeline: found no element \"2\"; expected an index below 2 or an "
      "id");
  EXPECT_EQ(override_error("a.b.c=1"),
            "--set a.b.c=1: /a/b: found \"c\" inside a plain value; expected a path that leads "
            "through objects and arrays");
  EXPECT_EQ(override_error("a.b"),
            "--set a.b: found no '='; expected PATH=VALUE, as in control_plane.raft.tick=50ms, in "
            "UTF-8");
  EXPECT_NE(override_error("=1"), "");
  EXPECT_NE(override_error("a.b=caf\xE9"), "");
}

}  // namespace
}  // namespace windtunnel::chaos
