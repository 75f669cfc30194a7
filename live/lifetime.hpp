// Handlers that outlive what they refer to do nothing: an object owns a Lifetime, and what it
// starts on an io_context is wrapped in guard(). One thread only.
#pragma once

#include <memory>
#include <utility>

namespace windtunnel::live {

class Lifetime {
 public:
  Lifetime() = default;
  Lifetime(const Lifetime&) = delete;
  Lifetime& operator=(const Lifetime&) = delete;
  ~Lifetime() = default;

  /// For code that calls out and may find its object destroyed on return: expired() then.
  [[nodiscard]] std::weak_ptr<const void> watch() const { return token_; }

  /// `function`, which is not called once this Lifetime has ended.
  template <typename Function>
  [[nodiscard]] auto guard(Function function) const {
    return [alive = std::weak_ptr<const Token>(token_),
            function = std::move(function)](auto&&... args) mutable {
      if (!alive.expired()) {
        function(std::forward<decltype(args)>(args)...);
      }
    };
  }

 private:
  struct Token {};
  std::shared_ptr<const Token> token_ = std::make_shared<const Token>();
};

}  // namespace windtunnel::live
