// The codec of message and fact structs, derived from their one Boost.Describe description:
// integers as varints, signed ones zigzagged, strings and lists length-prefixed, members in the
// order described. Equal values encode to equal bytes, so the digest hashes encodings.
#pragma once

#include <bit>
#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>

#include "runtime/byte_buffer.hpp"
#include "runtime/bytes.hpp"
#include "runtime/instant.hpp"

namespace windtunnel {

/// A struct described once with BOOST_DESCRIBE_STRUCT.
template <typename T>
concept Described = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

/// A strong value type such as Id<Tag>: `rep`, `value()` and an explicit constructor from `rep`.
template <typename T>
concept StrongValue = std::is_class_v<T> && requires(const T& t) {
  typename T::rep;
  { t.value() } -> std::convertible_to<typename T::rep>;
  requires std::constructible_from<T, typename T::rep>;
};

template <typename T>
inline constexpr bool kIsDurationOrInstant = false;
template <>
inline constexpr bool kIsDurationOrInstant<Duration> = true;
template <typename Tag>
inline constexpr bool kIsDurationOrInstant<std::chrono::time_point<ClockTag<Tag>, Duration>> = true;

template <typename T>
inline constexpr bool kIsVector = false;
template <typename T>
inline constexpr bool kIsVector<std::vector<T>> = true;

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

/// Calls visit(name, member reference) for each described member of `object`, in the order
/// described.
template <typename T, typename Visit>
  requires Described<std::remove_const_t<T>>
void for_each_member(T& object, const Visit& visit) {
  using Members =
      boost::describe::describe_members<std::remove_const_t<T>, boost::describe::mod_public>;
  boost::mp11::mp_for_each<Members>(
      [&](auto member) { visit(member.name, object.*member.pointer); });
}

/// The described name of an enumerator; "?" for a value outside the description.
template <typename Enum>
[[nodiscard]] const char* enumerator_name(Enum value) {
  const char* found = "?";
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<Enum>>([&](auto enumerator) {
    if (enumerator.value == value) {
      found = enumerator.name;
    }
  });
  return found;
}

/// Appends the encoding of `value`.
template <typename T>
void encode(ByteWriter& out, const T& value) {
  if constexpr (std::same_as<T, bool>) {
    out.byte(value ? 1 : 0);
  } else if constexpr (std::is_enum_v<T>) {
    encode(out, static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::unsigned_integral<T>) {
    out.varint(value);
  } else if constexpr (std::signed_integral<T>) {
    out.signed_varint(value);
  } else if constexpr (std::same_as<T, double>) {
    out.fixed64(std::bit_cast<std::uint64_t>(value));
  } else if constexpr (kIsDurationOrInstant<T>) {
    if constexpr (std::same_as<T, Duration>) {
      out.signed_varint(value.count());
    } else {
      out.signed_varint(nanoseconds_of(value));
    }
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view>) {
    out.prefixed(value);
  } else if constexpr (std::same_as<T, SharedBytes>) {
    out.prefixed(value.view());
  } else if constexpr (StrongValue<T>) {
    encode(out, value.value());
  } else if constexpr (kIsVector<T>) {
    out.varint(value.size());
    for (const auto& element : value) {
      encode(out, element);
    }
  } else if constexpr (kIsOptional<T>) {
    out.byte(value ? 1 : 0);
    if (value) {
      encode(out, *value);
    }
  } else {
    static_assert(Described<T>,
                  "this type has no encoding: describe it with BOOST_DESCRIBE_STRUCT");
    for_each_member(value, [&](const char*, const auto& member) { encode(out, member); });
  }
}

/// Reads what encode() wrote. On malformed input the reader fails and `value` is unspecified but
/// valid. Lists grow only as elements arrive, so a forged length cannot make it allocate more than
/// a constant times the input.
template <typename T>
void decode(ByteReader& in, T& value) {
  if constexpr (std::same_as<T, bool>) {
    const std::uint8_t byte = in.byte();
    if (byte > 1) {
      in.fail();
    }
    value = byte == 1;
  } else if constexpr (std::is_enum_v<T>) {
    std::underlying_type_t<T> number{};
    decode(in, number);
    value = static_cast<T>(number);
    if (std::string_view{enumerator_name(value)} == "?") {
      in.fail();
    }
  } else if constexpr (std::unsigned_integral<T>) {
    const std::uint64_t number = in.varint();
    value = static_cast<T>(number);
    if (value != number) {
      in.fail();
    }
  } else if constexpr (std::signed_integral<T>) {
    const std::int64_t number = in.signed_varint();
    value = static_cast<T>(number);
    if (value != number) {
      in.fail();
    }
  } else if constexpr (std::same_as<T, double>) {
    value = std::bit_cast<double>(in.fixed64());
  } else if constexpr (kIsDurationOrInstant<T>) {
    value = T{Duration{in.signed_varint()}};
  } else if constexpr (std::same_as<T, std::string>) {
    value = std::string{in.prefixed()};
  } else if constexpr (std::same_as<T, SharedBytes>) {
    value = SharedBytes{in.prefixed()};
  } else if constexpr (std::same_as<T, std::string_view>) {
    value = in.prefixed();  // A view into the input.
  } else if constexpr (StrongValue<T>) {
    typename T::rep number{};
    decode(in, number);
    value = T{number};
  } else if constexpr (kIsVector<T>) {
    value.clear();
    const std::uint64_t count = in.varint();
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
      const std::size_t before = in.remaining();
      decode(in, value.emplace_back());
      if (in.remaining() == before) {
        in.fail();  // Every element takes a byte at least: the count is forged.
      }
    }
  } else if constexpr (kIsOptional<T>) {
    bool present = false;
    decode(in, present);
    value.reset();
    if (present && in.ok()) {
      decode(in, value.emplace());
    }
  } else {
    static_assert(Described<T>,
                  "this type has no encoding: describe it with BOOST_DESCRIBE_STRUCT");
    for_each_member(value, [&](const char*, auto& member) { decode(in, member); });
  }
}

/// The encoding of `value` in a string of its own.
template <typename T>
[[nodiscard]] std::string encoded(const T& value) {
  ByteBuffer bytes;
  ByteWriter out{bytes};
  encode(out, value);
  return std::string{bytes.view()};
}

/// The value that `bytes` encode; nothing where they are malformed or longer than the value.
template <typename T>
[[nodiscard]] std::optional<T> decoded(std::string_view bytes) {
  ByteReader in{bytes};
  T value{};
  decode(in, value);
  if (!in.ok() || in.remaining() != 0) {
    return std::nullopt;
  }
  return value;
}

}  // namespace windtunnel
