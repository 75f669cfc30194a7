#include "models/identity/issuing.hpp"

#include <utility>

#include "runtime/codec.hpp"

namespace windtunnel::identity {

Certificate make_leaf(std::string subject, KeyId key, KeyId issuer, std::uint64_t serial,
                      WallInstant now, const IssuingOptions& options) {
  Certificate leaf;
  leaf.subject = std::move(subject);
  leaf.key = key;
  leaf.issuer = issuer;
  leaf.serial = serial;
  leaf.not_before = now - options.backdate;
  leaf.not_after = now + options.ttl;
  return leaf;
}

std::string issued_key_of(std::string_view workload) {
  std::string key{kIssuedPrefix};
  key += workload;
  return key;
}

SharedBytes issued_content_of(const IssuedRecord& record) {
  return SharedBytes{encoded(record)};
}

std::optional<IssuedRecord> issued_of(std::string_view content) {
  return decoded<IssuedRecord>(content);
}

}  // namespace windtunnel::identity
