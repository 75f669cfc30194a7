#include "models/identity/trust.hpp"

#include <algorithm>
#include <utility>

#include "models/identity/verify.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::identity {

namespace {

constexpr Duration kRootLasts = std::chrono::hours{24 * 3650};

bool is_root_certificate(const Certificate& root) {
  return root.usage == Usage::authority && root.key == root.issuer;
}

}  // namespace

const Certificate* find_root(const Trust& trust, KeyId key) {
  const auto found = std::find_if(trust.roots.begin(), trust.roots.end(),
                                  [key](const Certificate& root) { return root.key == key; });
  return found == trust.roots.end() ? nullptr : &*found;
}

Certificate make_root(KeyId key, std::string_view trust_domain, WallInstant now,
                      Duration backdate) {
  Certificate root;
  root.subject = spiffe_id(trust_domain, "");
  root.key = key;
  root.issuer = key;
  root.serial = key.value();
  root.not_before = now - backdate;
  root.not_after = now + kRootLasts;
  root.usage = Usage::authority;
  return root;
}

Trust first_trust(std::string_view trust_domain) {
  constexpr KeyId kFirst{1};
  Certificate root = make_root(kFirst, trust_domain, WallInstant{}, Duration::zero());
  root.not_before = WallInstant::min();
  root.not_after = WallInstant::max();
  return {{std::move(root)}, kFirst};
}

SharedBytes trust_content_of(const Trust& trust) {
  return SharedBytes{encoded(trust)};
}

std::optional<Trust> trust_of(std::string_view content) {
  std::optional<Trust> trust = decoded<Trust>(content);
  const bool is_sound =
      trust && std::all_of(trust->roots.begin(), trust->roots.end(), is_root_certificate);
  return is_sound ? trust : std::nullopt;
}

std::optional<std::string> trust_flaw_of(const config::Update& update) {
  for (const config::Document& document : update.written) {
    if (document.name == kTrustDocument && !trust_of(document.content.view())) {
      return std::string{kTrustDocument} + ": it is no list of roots";
    }
  }
  const bool is_removed = std::find(update.removed.begin(), update.removed.end(), kTrustDocument) !=
                          update.removed.end();
  return is_removed ? std::optional{std::string{kTrustDocument} + ": it cannot be taken away"}
                    : std::nullopt;
}

}  // namespace windtunnel::identity
