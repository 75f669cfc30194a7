#include "models/gate/gatekeeper.hpp"

#include <string>
#include <utility>

#include "runtime/timer.hpp"

namespace windtunnel::gate {

Gatekeeper::Gatekeeper(Host& host, GatekeeperOptions options)
    : host_(host),
      options_(std::move(options)),
      client_(host, {.nodes = options_.nodes}),
      random_(host.random("gate.poll")),
      bundle_(options_.without_bundle),
      reviews_(host.messages().serve<ReviewRequest>(
          [this](HostId, ReviewRequest& request, const ReplyTo& reply) {
            answer(request, reply);
          })) {
  spawn(host, run());
}

asio::awaitable<void> Gatekeeper::run() {
  constexpr Duration kRetry = std::chrono::milliseconds{100};
  for (;;) {
    const bool is_answered = co_await poll();
    // Until the store has answered once there may be nothing to go by.
    const Duration pause = is_answered || bundle_.revision() > 0 ? options_.poll : kRetry;
    co_await sleep_for(host_, random_.uniform(pause * 9 / 10, pause * 11 / 10));
  }
}

asio::awaitable<bool> Gatekeeper::poll() {
  const auto read = co_await client_.read(std::string{kBundleKey});
  if (read.outcome != kv::Outcome::ok) {
    co_return false;
  }
  if (read.response.exists) {
    take(read.response.revision, read.response.value.view());
  } else if (options_.first) {
    co_await write_first();
    co_return false;
  }
  co_return true;
}

asio::awaitable<void> Gatekeeper::write_first() {
  kv::ChangeRequest request;
  request.key = std::string{kBundleKey};
  request.value = bundle_content_of(*options_.first);
  request.expected = 0;
  // Somebody else may have been first; the next poll says who.
  co_await client_.change(std::move(request));
}

void Gatekeeper::take(std::uint64_t revision, std::string_view content) {
  switch (bundle_.offer(host_.now(), revision, content)) {
    case BundleHolder::Verdict::activated:
      host_.journal().record(BundleActivated{revision});
      break;
    case BundleHolder::Verdict::refused:
      host_.journal().record(BundleRefused{revision, bundle_.revision(), bundle_.why_not()});
      break;
    case BundleHolder::Verdict::known:
      break;
  }
}

void Gatekeeper::answer(const ReviewRequest& request, const ReplyTo& reply) {
  Decision decision = bundle_.decide(host_.now(), request.input);
  host_.journal().record(ChangeReviewed{request.subject, decision});
  host_.messages().reply(reply, ReviewResponse{std::move(decision)});
}

}  // namespace windtunnel::gate
