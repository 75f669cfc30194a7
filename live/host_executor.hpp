// The executor of one live host: what is posted runs on the host's io_context, in order, and is
// destroyed with the host rather than with the context. It converts to asio::any_io_executor. Only
// the thread that runs the context may post.
#pragma once

#include <utility>

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>

#include "runtime/completion.hpp"

namespace windtunnel::live {

class LiveHost;

class HostExecutor {
 public:
  explicit HostExecutor(LiveHost& host) : host_(&host) {}

  [[nodiscard]] asio::execution_context& query(asio::execution::context_t) const noexcept;
  [[nodiscard]] static constexpr asio::execution::blocking_t query(
      asio::execution::blocking_t) noexcept {
    return asio::execution::blocking.never;
  }
  [[nodiscard]] HostExecutor require(asio::execution::blocking_t::never_t) const noexcept {
    return *this;
  }

  template <typename Function>
  void execute(Function&& function) const {
    post(Completion<void()>{std::forward<Function>(function)});
  }

  friend bool operator==(const HostExecutor& a, const HostExecutor& b) noexcept {
    return a.host_ == b.host_;
  }
  friend bool operator!=(const HostExecutor& a, const HostExecutor& b) noexcept {
    return !(a == b);
  }

 private:
  void post(Completion<void()> function) const;

  LiveHost* host_;
};

}  // namespace windtunnel::live
