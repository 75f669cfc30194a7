#include "models/identity/verify.hpp"

#include <vector>

namespace windtunnel::identity {

namespace {

bool is_root(const Certificate& certificate) {
  return certificate.key == certificate.issuer;
}

using Candidates = std::vector<const Certificate*>;

Candidates candidates_of(const std::vector<Certificate>& certificates) {
  Candidates candidates;
  for (const Certificate& certificate : certificates) {
    candidates.push_back(&certificate);
  }
  return candidates;
}

/// The certificate of this key: one that is valid now, or else what is valid the longest. Null
/// where there is none.
const Certificate* authority_of(KeyId key, const Candidates& among, WallInstant now) {
  const Certificate* longest = nullptr;
  for (const Certificate* const candidate : among) {
    if (candidate->key != key || candidate->usage != Usage::authority) {
      continue;
    }
    if (candidate->is_valid_at(now)) {
      return candidate;
    }
    if (longest == nullptr || candidate->not_after > longest->not_after) {
      longest = candidate;
    }
  }
  return longest;
}

Flaw flaw_in_time(const Certificate& certificate, WallInstant now) {
  if (now < certificate.not_before) {
    return Flaw::not_yet_valid;
  }
  return now < certificate.not_after ? Flaw::none : Flaw::expired;
}

}  // namespace

Flaw flaw_of(const Chain& chain, const std::vector<Certificate>& roots, WallInstant now) {
  if (chain.empty()) {
    return Flaw::no_certificate;
  }
  const Candidates trusted = candidates_of(roots);
  Candidates shown = candidates_of(chain);
  const Certificate* certificate = &chain.front();
  Flaw flaw = flaw_in_time(*certificate, now);
  for (;;) {
    const Certificate* const root = authority_of(certificate->issuer, trusted, now);
    if (root != nullptr) {
      return flaw == Flaw::none ? flaw_in_time(*root, now) : flaw;
    }
    const Certificate* const next = authority_of(certificate->issuer, shown, now);
    if (next == nullptr || is_root(*next)) {
      return Flaw::unknown_issuer;
    }
    flaw = flaw == Flaw::none ? flaw_in_time(*next, now) : flaw;
    std::erase(shown, next);
    certificate = next;
  }
}

Flaw flaw_of(const Chain& chain, const std::vector<Certificate>& roots, WallInstant now,
             std::string_view wanted) {
  const Flaw flaw = flaw_of(chain, roots, now);
  if (flaw != Flaw::none) {
    return flaw;
  }
  const std::string_view subject = chain.front().subject;
  const bool is_wanted = wanted.ends_with('/') ? subject.starts_with(wanted) : subject == wanted;
  return is_wanted ? Flaw::none : Flaw::wrong_identity;
}

std::string spiffe_id(std::string_view trust_domain, std::string_view workload) {
  std::string id{"spiffe://"};
  id += trust_domain;
  id += '/';
  id += workload;
  return id;
}

}  // namespace windtunnel::identity
