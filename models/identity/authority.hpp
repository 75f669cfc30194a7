// Signs certificates for workloads: stands beside every node of the replicated store, and each may
// answer, for none of them decides who signs: the trust document does.
//
// A rotation must not end while a certificate of the old root is on its way to somebody. So the
// authority writes down to whom it is about to give a certificate, and of which root, and reads
// the trust document afterwards, linearizably: where that still names the same root, whoever ends
// the rotation later finds the record and waits for that workload. Where it does not, it begins
// again with the root that is named now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/identity/issuing.hpp"
#include "models/identity/messages.hpp"
#include "models/kv/client.hpp"
#include "models/kv/node.hpp"
#include "runtime/host.hpp"

namespace windtunnel::identity {

struct AuthorityOptions {
  std::vector<HostId> nodes;
  IssuingOptions issuing;
};

/// Part of a Program; the node must outlive it.
class Authority {
 public:
  Authority(Host& host, const kv::Node& node, AuthorityOptions options);
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

 private:
  asio::awaitable<void> answer(SigningRequest request, ReplyTo reply);
  [[nodiscard]] asio::awaitable<std::optional<Signed>> sign(const SigningRequest& request);
  /// The trust as this node knows it, which may be old.
  [[nodiscard]] Trust known_trust() const;

  Host& host_;
  const kv::Node& node_;
  AuthorityOptions options_;
  kv::Client client_;
  Subscription requests_;
};

}  // namespace windtunnel::identity
