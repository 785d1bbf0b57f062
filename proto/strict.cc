#include "proto/strict.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <limits>
#include <string>

namespace entente {
namespace {

std::string SerialiseInOrder(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace

absl::Status ParseStrict(absl::Span<const uint8_t> bytes,
                         google::protobuf::Message* message) {
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::InvalidArgumentError("not a message of this kind");
  }
  message->DiscardUnknownFields();
  const std::string written = SerialiseInOrder(*message);
  if (!std::equal(
          written.begin(), written.end(), bytes.begin(), bytes.end(),
          [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; })) {
    return absl::InvalidArgumentError(
        "the message holds unknown, repeated or unordered fields");
  }
  return absl::OkStatus();
}

}  // namespace entente
