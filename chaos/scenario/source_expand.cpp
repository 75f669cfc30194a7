#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "chaos/scenario/host_pattern.hpp"
#include "chaos/scenario/json_pointer.hpp"
#include "chaos/scenario/source.hpp"

namespace windtunnel::chaos {

namespace {

/// Of one object: more are a slip of the pen.
constexpr std::size_t kMembersMax = 10'000;

/// Every "{}" in every string below `value` becomes what the key's first braces became.
void fill_in(Json& value, const std::string& item) {
  if (value.is_structured()) {
    for (Json& below : value) {
      fill_in(below, item);
    }
  } else if (value.is_string()) {
    auto& text = value.get_ref<std::string&>();
    for (std::size_t at = text.find("{}"); at != std::string::npos;
         at = text.find("{}", at + item.size())) {
      text.replace(at, 2, item);
    }
  }
}

/// Makes the members of one object anew, and notes which of them stand for which key of the file.
class Expansion {
 public:
  Expansion(Source& source, std::string pointer) : source_(source), pointer_(std::move(pointer)) {}

  void add(const std::string& key, const Json& value) {
    auto names = expand_braces(key);
    if (const Complaint* const complaint = std::get_if<Complaint>(&names)) {
      complain(key, fmt::format("the name {}", Json(key).dump()), complaint->expected);
      return;
    }
    const auto& expanded = std::get<std::vector<ExpandedName>>(names);
    if (names_.size() + expanded.size() > kMembersMax) {
      complain(key, fmt::format("{} names", names_.size() + expanded.size()),
               fmt::format("at most {} in one object", kMembersMax));
      return;
    }
    for (const ExpandedName& name : expanded) {
      if (!names_.insert(name.name).second) {
        complain(key, fmt::format("{} a second time", Json(name.name).dump()), "each name once");
        return;
      }
      Json filled = value;
      if (!name.item.empty()) {
        fill_in(filled, name.item);
      }
      // push_back, since operator[] would search all members before it for the name.
      members_.get_ref<Json::object_t&>().push_back({name.name, std::move(filled)});
      if (name.name != key) {
        origins_.emplace(pointer_to(pointer_, name.name), pointer_to(pointer_, key));
      }
    }
  }

  void finish() { source_.expand(pointer_, std::move(members_), std::move(origins_)); }

 private:
  void complain(const std::string& key, std::string found, std::string expected) {
    const std::string at = pointer_to(pointer_, key);
    source_.add_error({source_.place_of_key(at), at, std::move(found), std::move(expected), ""});
  }

  Source& source_;
  std::string pointer_;
  Json members_ = Json::object();
  Source::Origins origins_;
  std::set<std::string> names_;
};

bool has_braces(const Json& object) {
  for (const auto& [key, value] : object.items()) {
    if (key.find('{') != std::string::npos) {
      return true;
    }
  }
  return false;
}

void expand_object(Source& source, const std::string& pointer) {
  const Json::json_pointer at{pointer};
  if (!source.document().contains(at) || !source.document().at(at).is_object() ||
      !has_braces(source.document().at(at))) {
    return;
  }
  Expansion expansion{source, pointer};
  for (const auto& [key, value] : source.document().at(at).items()) {
    expansion.add(key, value);
  }
  expansion.finish();
}

}  // namespace

void expand_names(Source& source) {
  if (!source.document().is_object()) {
    return;
  }
  expand_object(source, "/services");
  expand_object(source, "/policies");
  const auto timeline = source.document().find("timeline");
  if (timeline == source.document().end() || !timeline->is_array()) {
    return;
  }
  const std::size_t entries = timeline->size();
  for (std::size_t i = 0; i < entries; ++i) {
    expand_object(source, fmt::format("/timeline/{}/policy", i));
  }
}

}  // namespace windtunnel::chaos
