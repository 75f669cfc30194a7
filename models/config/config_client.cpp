#include "models/config/config_client.hpp"

#include <utility>

#include "models/config/facts.hpp"

namespace windtunnel::config {

namespace {

WriteOutcome outcome_of(const kv::Result<kv::ChangeResponse>& result) {
  switch (result.outcome) {
    case kv::Outcome::failed:
      return WriteOutcome::failed;
    case kv::Outcome::indeterminate:
      return WriteOutcome::unknown;
    case kv::Outcome::ok:
      break;
  }
  const kv::ChangeOutcome outcome = result.response.outcome;
  // Removing what is not there has done what was asked.
  return outcome == kv::ChangeOutcome::done || outcome == kv::ChangeOutcome::not_found
             ? WriteOutcome::written
             : WriteOutcome::conflict;
}

}  // namespace

asio::awaitable<std::optional<Document>> ConfigClient::read(std::string name) {
  auto result = co_await client_.read(key_of(name));
  if (result.outcome != kv::Outcome::ok) {
    co_return std::nullopt;
  }
  co_return Document{std::move(name), std::move(result.response.value), result.response.revision};
}

asio::awaitable<WriteResult> ConfigClient::write(std::string name, SharedBytes content,
                                                 std::optional<std::uint64_t> expected) {
  kv::ChangeRequest request;
  request.key = key_of(name);
  request.value = std::move(content);
  request.expected = expected;
  return change(std::move(request), std::move(name));
}

asio::awaitable<WriteResult> ConfigClient::remove(std::string name,
                                                  std::optional<std::uint64_t> expected) {
  kv::ChangeRequest request;
  request.key = key_of(name);
  request.expected = expected;
  return change(std::move(request), std::move(name));
}

asio::awaitable<WriteResult> ConfigClient::change(kv::ChangeRequest request, std::string name) {
  const Instant begin = host_.now();
  const auto result = co_await client_.change(std::move(request));
  const WriteOutcome outcome = outcome_of(result);
  if (outcome == WriteOutcome::written) {
    host_.journal().record(
        ConfigCommitted{std::move(name), result.response.revision, host_.now() - begin});
  }
  co_return WriteResult{outcome, result.response.key_revision};
}

}  // namespace windtunnel::config
