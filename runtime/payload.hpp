// A message or fact of any described type, held by value with its type's description. Small ones
// live inside the Payload, so that moving them through queues allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

#include "runtime/check.hpp"
#include "runtime/codec.hpp"

namespace windtunnel {

/// Names a described struct on the wire, in journals and in reports: BOOST_DESCRIBE_STRUCT beside
/// `static constexpr std::string_view kWireName = "raft.message";`.
template <typename T>
concept Named = Described<T> && requires {
  { T::kWireName } -> std::convertible_to<std::string_view>;
};

/// FNV-1a of the wire name: what frames carry instead of the name.
[[nodiscard]] constexpr std::uint32_t wire_id(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) {
    hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619U;
  }
  return hash;
}

/// Receives the described members of a value one by one, names and values only.
class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;
  virtual void field(std::string_view name, std::int64_t value) = 0;
  virtual void field(std::string_view name, std::uint64_t value) = 0;
  virtual void field(std::string_view name, double value) = 0;
  virtual void field(std::string_view name, bool value) = 0;
  virtual void field(std::string_view name, std::string_view value) = 0;
};

class Payload;

/// What generic code needs to know of a named type. One constant per type, so addresses compare.
struct TypeDescription {
  std::string_view name;
  std::uint32_t id;
  std::size_t size;
  bool stored_inline;
  /// Null where a Payload is moved by copying its bytes, and where a value needs no destruction:
  /// most messages are moved a dozen times on their way, each time by an indirect call otherwise.
  void (*relocate)(void* from, void* to) noexcept;
  void (*copy)(const void* from, void* to);
  void (*destroy)(void* object) noexcept;
  void (*encode)(const void* object, ByteWriter& out);
  bool (*decode)(ByteReader& in, Payload& out);
  void (*visit)(const void* object, FieldVisitor& visitor);
};

template <Named T>
[[nodiscard]] const TypeDescription& description_of();

/// Move-only holder of one value of a Named type, or of nothing.
class Payload {
 public:
  static constexpr std::size_t kInlineBytes = 48;

  Payload() = default;

  template <Named T>
  explicit Payload(T value) : type_(&description_of<T>()) {
    if constexpr (kFits<T>) {
      ::new (static_cast<void*>(storage_)) T(std::move(value));
    } else {
      pointer() = new T(std::move(value));
    }
  }

  Payload(Payload&& other) noexcept { take(other); }
  Payload& operator=(Payload&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;
  ~Payload() { reset(); }

  [[nodiscard]] bool empty() const { return type_ == nullptr; }
  [[nodiscard]] const TypeDescription& type() const { return *type_; }

  /// The value, which must be a T.
  template <Named T>
  [[nodiscard]] T& as() {
    check(holds<T>(), "a payload is read as the type it holds");
    return *static_cast<T*>(object());
  }

  template <Named T>
  [[nodiscard]] bool holds() const {
    return type_ == &description_of<T>();
  }

  /// A deep copy, for duplicated messages.
  [[nodiscard]] Payload clone() const;

  void encode(ByteWriter& out) const { type_->encode(object(), out); }

  [[nodiscard]] const void* object() const {
    return type_->stored_inline ? static_cast<const void*>(storage_) : pointer();
  }
  [[nodiscard]] void* object() {
    return type_->stored_inline ? static_cast<void*>(storage_) : pointer();
  }

  void reset() noexcept {
    if (type_ != nullptr) {
      if (type_->destroy != nullptr) {
        type_->destroy(object());
      }
      type_ = nullptr;
    }
  }

  // Instantiated with a pointer, the comparison of alignments compares equals.
  // NOLINTBEGIN(misc-redundant-expression)
  template <typename T>
  static constexpr bool kFits = sizeof(T) <= kInlineBytes && alignof(T) <= alignof(void*) &&
                                std::is_nothrow_move_constructible_v<T>;
  // NOLINTEND(misc-redundant-expression)

 private:
  [[nodiscard]] void*& pointer() { return *std::launder(reinterpret_cast<void**>(storage_)); }
  [[nodiscard]] void* pointer() const {
    return *std::launder(reinterpret_cast<void* const*>(storage_));
  }

  void take(Payload& other) noexcept {
    type_ = other.type_;
    if (type_ != nullptr) {
      if (type_->relocate == nullptr) {
        std::memcpy(storage_, other.storage_, kInlineBytes);
      } else {
        type_->relocate(other.storage_, storage_);
      }
      other.type_ = nullptr;
    }
  }

  const TypeDescription* type_ = nullptr;
  alignas(void*) std::byte storage_[kInlineBytes];
};

/// Shows each described member of `value` to `visitor`; nested structs and lists appear as
/// "name.member" and "name[i]" only where a fact has them.
template <Described T>
void visit_fields(const T& value, FieldVisitor& visitor);

namespace detail {

template <typename T>
void visit_field(std::string_view name, const T& value, FieldVisitor& visitor) {
  if constexpr (std::same_as<T, bool> || std::same_as<T, double>) {
    visitor.field(name, value);
  } else if constexpr (std::is_enum_v<T>) {
    visitor.field(name, std::string_view{enumerator_name(value)});
  } else if constexpr (std::unsigned_integral<T>) {
    visitor.field(name, static_cast<std::uint64_t>(value));
  } else if constexpr (std::signed_integral<T>) {
    visitor.field(name, static_cast<std::int64_t>(value));
  } else if constexpr (std::same_as<T, Duration>) {
    visitor.field(name, static_cast<std::int64_t>(value.count()));
  } else if constexpr (kIsDurationOrInstant<T>) {
    visitor.field(name, nanoseconds_of(value));
  } else if constexpr (std::same_as<T, std::string>) {
    visitor.field(name, std::string_view{value});
  } else if constexpr (std::same_as<T, SharedBytes>) {
    visitor.field(name, value.view());
  } else if constexpr (StrongValue<T>) {
    visit_field(name, value.value(), visitor);
  } else if constexpr (kIsOptional<T>) {
    if (value) {
      visit_field(name, *value, visitor);
    }
  } else if constexpr (kIsVector<T>) {
    visitor.field(std::string{name} + ".size", static_cast<std::uint64_t>(value.size()));
  } else {
    for_each_member(value, [&](const char* member_name, const auto& member) {
      visit_field(std::string{name} + "." + member_name, member, visitor);
    });
  }
}

template <Named T>
struct Operations {
  static constexpr bool kIsMovedAsBytes = !Payload::kFits<T> || std::is_trivially_copyable_v<T>;
  static constexpr bool kNeedsDestruction =
      !Payload::kFits<T> || !std::is_trivially_destructible_v<T>;

  static void relocate(void* from, void* to) noexcept {
    if constexpr (Payload::kFits<T>) {
      T* source = static_cast<T*>(from);
      ::new (to) T(std::move(*source));
      source->~T();
    }
  }
  static void copy(const void* from, void* to) {
    *static_cast<Payload*>(to) = Payload{T(*static_cast<const T*>(from))};
  }
  static void destroy(void* object) noexcept {
    if constexpr (Payload::kFits<T>) {
      static_cast<T*>(object)->~T();
    } else {
      delete static_cast<T*>(object);
    }
  }
  static void encode(const void* object, ByteWriter& out) {
    windtunnel::encode(out, *static_cast<const T*>(object));
  }
  static bool decode(ByteReader& in, Payload& out) {
    T value{};
    windtunnel::decode(in, value);
    if (!in.ok()) {
      return false;
    }
    out = Payload{std::move(value)};
    return true;
  }
  static void visit(const void* object, FieldVisitor& visitor) {
    visit_fields(*static_cast<const T*>(object), visitor);
  }
};

template <Named T>
inline constexpr TypeDescription kDescription{
    T::kWireName,
    wire_id(T::kWireName),
    sizeof(T),
    Payload::kFits<T>,
    Operations<T>::kIsMovedAsBytes ? nullptr : &Operations<T>::relocate,
    &Operations<T>::copy,
    Operations<T>::kNeedsDestruction ? &Operations<T>::destroy : nullptr,
    &Operations<T>::encode,
    &Operations<T>::decode,
    &Operations<T>::visit};

}  // namespace detail

template <Described T>
void visit_fields(const T& value, FieldVisitor& visitor) {
  for_each_member(value, [&](const char* name, const auto& member) {
    detail::visit_field(std::string_view{name}, member, visitor);
  });
}

template <Named T>
const TypeDescription& description_of() {
  return detail::kDescription<T>;
}

inline Payload Payload::clone() const {
  Payload copy;
  if (type_ != nullptr) {
    type_->copy(object(), &copy);
  }
  return copy;
}

}  // namespace windtunnel
