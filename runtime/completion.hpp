// The handler of one asynchronous operation, held by value without its type. Handlers of coroutines
// are pointer-sized and live inside, so that waiting allocates nothing.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>

#include "runtime/check.hpp"

namespace windtunnel {

namespace asio = boost::asio;
using boost::system::error_code;

template <typename Signature>
class Completion;

/// A move-only callable that runs at most once. Destroying one that never ran destroys its handler,
/// and with it the coroutine that waited.
template <typename... Args>
class Completion<void(Args...)> {
 public:
  static constexpr std::size_t kInlineBytes = 40;

  Completion() = default;

  template <typename Handler>
    requires(!std::same_as<std::remove_cvref_t<Handler>, Completion> &&
             std::invocable<std::remove_cvref_t<Handler>&, Args...>)
  // The constraint above excludes Completion itself.
  // NOLINTNEXTLINE(bugprone-forwarding-reference-overload)
  explicit Completion(Handler&& handler) {
    using Stored = std::remove_cvref_t<Handler>;
    if constexpr (kFits<Stored>) {
      ::new (static_cast<void*>(storage_)) Stored(std::forward<Handler>(handler));
      operations_ = &kInline<Stored>;
    } else {
      ::new (static_cast<void*>(storage_)) Stored*(new Stored(std::forward<Handler>(handler)));
      operations_ = &kHeap<Stored>;
    }
  }

  Completion(Completion&& other) noexcept { take(other); }
  Completion& operator=(Completion&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;
  ~Completion() { reset(); }

  explicit operator bool() const { return operations_ != nullptr; }

  /// Runs the handler; the Completion is empty before it starts, so that the handler may destroy
  /// its owner.
  void operator()(Args... args) {
    check(operations_ != nullptr, "an operation completes once");
    Completion self{std::move(*this)};
    self.operations_->invoke(self.storage_, std::move(args)...);
  }

  void reset() noexcept {
    if (operations_ != nullptr) {
      const Operations* operations = std::exchange(operations_, nullptr);
      if (operations->destroy != nullptr) {
        operations->destroy(storage_);
      }
    }
  }

 private:
  struct Operations {
    void (*invoke)(void*, Args&&...);
    void (*relocate)(void*, void*) noexcept;  ///< Null where copying the bytes does it.
    void (*destroy)(void*) noexcept;          ///< Null where nothing is to be destroyed.
  };

  // Instantiated with a pointer, the comparison of alignments compares equals.
  // NOLINTBEGIN(misc-redundant-expression)
  template <typename Stored>
  static constexpr bool kFits =
      sizeof(Stored) <= kInlineBytes && alignof(Stored) <= alignof(void*) &&
      std::is_nothrow_move_constructible_v<Stored>;
  // NOLINTEND(misc-redundant-expression)

  template <typename Stored>
  static void relocate(void* from, void* to) noexcept {
    ::new (to) Stored(std::move(*static_cast<Stored*>(from)));
    static_cast<Stored*>(from)->~Stored();
  }
  template <typename Stored>
  static void destroy(void* stored) noexcept {
    static_cast<Stored*>(stored)->~Stored();
  }

  template <typename Stored>
  static constexpr Operations kInline{
      [](void* p, Args&&... args) { (*static_cast<Stored*>(p))(std::move(args)...); },
      std::is_trivially_copyable_v<Stored> ? nullptr : &Completion::relocate<Stored>,
      std::is_trivially_destructible_v<Stored> ? nullptr : &Completion::destroy<Stored>};

  template <typename Stored>
  static constexpr Operations kHeap{
      [](void* p, Args&&... args) { (**static_cast<Stored**>(p))(std::move(args)...); }, nullptr,
      [](void* p) noexcept { delete *static_cast<Stored**>(p); }};

  void take(Completion& other) noexcept {
    operations_ = std::exchange(other.operations_, nullptr);
    if (operations_ == nullptr) {
      return;
    }
    if (operations_->relocate == nullptr) {
      std::memcpy(storage_, other.storage_, kInlineBytes);
    } else {
      operations_->relocate(other.storage_, storage_);
    }
  }

  const Operations* operations_ = nullptr;
  alignas(void*) std::byte storage_[kInlineBytes];
};

/// Calls the handler with the operation's own results.
struct PassThrough {
  template <typename Handler, typename... Args>
  void operator()(Handler& handler, Args&&... args) const {
    handler(std::forward<Args>(args)...);
  }
};

/// Whether what is submitted to either runs in the same place. Coroutines come with an
/// any_io_executor already: theirs is compared without another copy.
template <typename Executor>
[[nodiscard]] bool is_same_executor(const Executor& left, const asio::any_io_executor& right) {
  if constexpr (std::same_as<Executor, asio::any_io_executor>) {
    return left == right;
  } else {
    return asio::any_io_executor{left} == right;
  }
}

/// Makes the Completion of `handler` for an operation that completes on `executor`. A handler bound
/// to another executor (a strand, say) is dispatched there instead of being called in place.
/// `Adapter` turns the operation's results into the handler's arguments.
template <typename Signature, typename Adapter = PassThrough, typename Handler>
[[nodiscard]] Completion<Signature> completion_on(const asio::any_io_executor& executor,
                                                  Handler&& handler) {
  const auto associated = asio::get_associated_executor(handler, executor);
  if (is_same_executor(associated, executor)) {
    return Completion<Signature>{
        [handler = std::forward<Handler>(handler)](auto&&... args) mutable {
          Adapter{}(handler, std::forward<decltype(args)>(args)...);
        }};
  }
  return Completion<Signature>{[associated,
                                handler = std::forward<Handler>(handler)](auto&&... args) mutable {
    asio::dispatch(
        associated, [handler = std::move(handler),
                     values = std::make_tuple(std::forward<decltype(args)>(args)...)]() mutable {
          std::apply([&](auto&&... unpacked) { Adapter{}(handler, std::move(unpacked)...); },
                     std::move(values));
        });
  }};
}

}  // namespace windtunnel
