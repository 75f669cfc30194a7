#include "models/identity/authority.hpp"

#include <utility>

#include "models/config/document.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::identity {

Authority::Authority(Host& host, const kv::Node& node, AuthorityOptions options)
    : host_(host),
      node_(node),
      options_(std::move(options)),
      client_(host, {.nodes = options_.nodes}),
      requests_(host.messages().serve<SigningRequest>(
          [this](HostId from, SigningRequest& request, const ReplyTo& reply) {
            if (request.is_repeated) {
              // The answer takes the new connection, and does not wait behind what went the old
              // way.
              host_.abandon_connection(from);
            }
            spawn(host_, answer(std::move(request), reply));
          })) {}

asio::awaitable<void> Authority::answer(SigningRequest request, ReplyTo reply) {
  std::optional<Signed> granted = co_await sign(request);
  SigningResponse response{std::move(granted)};
  host_.messages().reply(reply, std::move(response));
}

Trust Authority::known_trust() const {
  const kv::Version* const known = node_.store().find(config::key_of(kTrustDocument));
  std::optional<Trust> trust = known == nullptr ? std::nullopt : trust_of(known->value);
  return trust ? *std::move(trust) : first_trust(options_.issuing.trust_domain);
}

asio::awaitable<std::optional<Signed>> Authority::sign(const SigningRequest& request) {
  Trust trust = known_trust();
  for (;;) {
    const KeyId issuer = trust.issuer;
    const WallInstant now = host_.wall_now();
    IssuedRecord record{request.subject, issuer, now + options_.issuing.ttl};
    SharedBytes content = issued_content_of(record);
    const auto written =
        co_await client_.write(issued_key_of(request.workload), std::move(content));
    if (written.outcome != kv::Outcome::ok) {
      co_return std::nullopt;
    }
    const auto read = co_await client_.read(config::key_of(kTrustDocument));
    if (read.outcome != kv::Outcome::ok) {
      co_return std::nullopt;
    }
    std::optional<Trust> present = read.response.exists
                                       ? trust_of(read.response.value.view())
                                       : first_trust(options_.issuing.trust_domain);
    if (!present) {
      co_return std::nullopt;
    }
    trust = *std::move(present);
    if (trust.issuer == issuer) {
      Certificate leaf = make_leaf(request.subject, request.key, issuer, written.response.revision,
                                   now, options_.issuing);
      co_return Signed{std::move(leaf), std::move(trust), read.response.revision};
    }
  }
}

}  // namespace windtunnel::identity
