#include "crypto/dsse.h"

#include "gtest/gtest.h"

namespace entente::crypto {
namespace {

Envelope Sample() {
  return {"application/x",
          {'h', 'i', 0},
          {{"k", {1, 2, 3}, "-----CHAIN\n"}, {"", {4}, ""}}};
}

// The worked value of DSSE's protocol text.
TEST(Dsse, PreAuthEncodingHasTypesAndLengths) {
  EXPECT_EQ(AsText(PreAuthEncoding("http://example.com/HelloWorld",
                                   AsBytes("hello world"))),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  EXPECT_EQ(AsText(PreAuthEncoding("", {})), "DSSEv1 0  0 ");
}

TEST(Dsse, RoundTrips) {
  const auto read = ParseEnvelope(PrintEnvelope(Sample()));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, Sample());
}

TEST(Dsse, RefusesWhatIsNoEnvelope) {
  const char* bad[] = {
      "",
      "[]",
      "{}",
      R"({"payload":"aGk=","payloadType":"x"})",
      R"({"payload":"aGk=","payloadType":"x","signatures":{}})",
      R"({"payload":"aGk","payloadType":"x","signatures":[]})",
      R"({"payload":1,"payloadType":"x","signatures":[]})",
      R"({"payload":"aGk=","payloadType":"x","signatures":[],"more":1})",
      R"({"payload":"aGk=","payloadType":"x","signatures":[1]})",
      R"({"payload":"aGk=","payloadType":"x","signatures":[{}]})",
      R"({"payload":"aGk=","payloadType":"x","signatures":[{"sig":"!"}]})",
      R"({"payload":"aGk=","payloadType":"x","signatures":[{"sig":"AQ==","x":"y"}]})",
      R"({"payload":"aGk=","payloadType":"x","signatures":[{"sig":"AQ==","keyid":1}]})",
      R"({"payload":"aGk=","payload":"aGk=","payloadType":"x","signatures":[]})",
  };
  for (const char* text : bad) {
    EXPECT_EQ(ParseEnvelope(text).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(Dsse, BoundsSizeAndSignatures) {
  Envelope envelope = Sample();
  envelope.signatures.assign(kMaxEnvelopeSignatures, {"", {1}, ""});
  EXPECT_TRUE(ParseEnvelope(PrintEnvelope(envelope)).ok());
  envelope.signatures.push_back({"", {1}, ""});
  EXPECT_FALSE(ParseEnvelope(PrintEnvelope(envelope)).ok());
  EXPECT_FALSE(ParseEnvelope(std::string(kMaxEnvelopeBytes + 1, ' ')).ok());
}

}  // namespace
}  // namespace entente::crypto
