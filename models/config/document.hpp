// One configuration document: a name, opaque content, and the revision at which it was last
// written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "runtime/bytes.hpp"

namespace windtunnel::config {

struct Document {
  std::string name;  ///< "routes/checkout", say: a policy for each route.
  SharedBytes content;
  std::uint64_t revision = 0;
  friend bool operator==(const Document&, const Document&) = default;
};
BOOST_DESCRIBE_STRUCT(Document, (), (name, content, revision))

/// Where documents stand in the replicated store.
inline constexpr std::string_view kConfigPrefix = "config/";

[[nodiscard]] inline std::string key_of(std::string_view name) {
  std::string key{kConfigPrefix};
  key += name;
  return key;
}

/// What stands below one prefix of the store and is published below another.
struct Feed {
  std::string_view store_prefix;
  std::string_view document_prefix;
};

/// What brings a set of documents from one revision to another. From revision 0: all of them, and
/// what is not named does not exist.
struct Update {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::vector<Document> written;     ///< By name.
  std::vector<std::string> removed;  ///< By name.
};
BOOST_DESCRIBE_STRUCT(Update, (), (from, to, written, removed))

}  // namespace windtunnel::config
