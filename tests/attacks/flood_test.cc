// Holders of a valid certificate who send what HTTP/2 lets them send.
#include <zlib.h>

#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/rpc/connection_limits.h"
#include "gtest/gtest.h"
#include "tests/attacks/frames.h"
#include "tests/attacks/line.h"
#include "tests/attacks/scene.h"

namespace entente::attacks {
namespace {

// How long a flood is watched when its end is not awaited.
constexpr absl::Duration kShortPatience = absl::Seconds(6);

class Flood : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto scene = Scene::Create();
    ASSERT_TRUE(scene.ok()) << scene.status();
    scene_ = scene->release();
  }
  static void TearDownTestSuite() {
    delete scene_;
    scene_ = nullptr;
  }
  void SetUp() override { ASSERT_NE(scene_, nullptr); }

  // A connection that has been greeted, from `source`.
  std::unique_ptr<TlsLine> Open(const std::string& source) {
    auto line =
        TlsLine::Connect(scene_->address(), source, scene_->credentials());
    EXPECT_TRUE(line.ok()) << line.status() << "\n" << scene_->Said();
    if (!line.ok()) return nullptr;
    EXPECT_TRUE((*line)->Send(Greeting()));
    return *std::move(line);
  }
  // Sends `part` again until the connection ends, or `most` bytes are out.
  static void SendAgain(TlsLine* line, const std::string& part, size_t most) {
    size_t sent = 0;
    while (sent < most && line->Send(part)) sent += part.size();
  }
  static void ExpectWithin(const Bound& bound, const Bill& bill) {
    attacks::ExpectWithin(bound, bill, *scene_);
  }

  static Scene* scene_;
};

Scene* Flood::scene_ = nullptr;

// CVE-2023-33953: gRPC reads an unfinished header from its start with each
// frame that continues it.
TEST_F(Flood, AnEndlessHeaderCostsLittleAndIsCutOff) {
  constexpr size_t kShort = 4 << 20;
  static_assert(kShort > broker::kMaxUnansweredBytes);
  const size_t most = Long() ? 27 << 20 : kShort;
  const struct {
    const char* name;
    const char* source;
    std::string begin;
    char filler;
  } forms[] = {
      {"header: endless string", "127.0.2.1",
       absl::StrCat(std::string(1, '\0'), Integer(1 << 30, 7, 0)), 'a'},
      {"header: endless number", "127.0.2.2", std::string("\0\x7f", 2), '\x80'},
  };
  for (const auto& form : forms) {
    Measured measured(scene_);
    const auto line = Open(form.source);
    ASSERT_NE(line, nullptr);
    ASSERT_TRUE(line->Send(Frame(FrameType::kHeaders, 0, 1, form.begin)));
    SendAgain(line.get(),
              Frame(FrameType::kContinuation, 0, 1,
                    std::string(kMaxFrameBytes, form.filler)),
              most);
    // gRPC may stop reading instead, and then it is the minute without a first
    // call that ends the connection.
    const bool ended = line->WaitForEnd(Long() ? kPatience : kShortPatience);
    ExpectWithin(
        {.cpu_seconds = 4, .peak_mib = 48, .longest = absl::Seconds(5)},
        measured.End(form.name));
    if (!Long()) continue;
    EXPECT_TRUE(ended) << form.name << ": never cut";
    EXPECT_TRUE(scene_->WaitForLog("connection_cut", "", form.source).ok());
  }
}

// CVE-2023-44487: a stream costs the server much and the client nothing.
TEST_F(Flood, RapidResetIsCutOff) {
  const char* const source = "127.0.3.1";
  Measured measured(scene_);
  const auto line = Open(source);
  ASSERT_NE(line, nullptr);
  uint32_t stream = 1;
  for (int round = 0; round < (Long() ? 636 : 300); ++round) {
    std::string streams;
    for (int i = 0; i < 100; ++i, stream += 2) {
      absl::StrAppend(&streams,
                      HeaderFrames(stream, CallFields(kHealthWatch), 0),
                      Frame(FrameType::kResetStream, 0, stream,
                            absl::string_view("\0\0\0\x8", 4)));
    }
    if (!line->Send(streams)) break;
  }
  EXPECT_TRUE(line->WaitForEnd(kPatience)) << "never cut";
  ExpectWithin({.cpu_seconds = 6, .peak_mib = 128},
               measured.End("rapid reset"));
  EXPECT_TRUE(scene_->WaitForLog("connection_cut", "", source).ok());
}

// The same where calls get as far as a handler.
TEST_F(Flood, RapidResetOfCallsThatAreHeardIsCutOff) {
  const struct {
    const char* name;
    const char* source;
    std::string path;
    bool with_message;
  } forms[] = {{"reset with a message", "127.0.3.2", kHealthCheck, true},
               {"reset of no method", "127.0.3.3", "/no.Service/Method", false},
               {"reset of a role's call", "127.0.3.4",
                "/entente.v1.Directory/ListAgencies", true}};
  for (const auto& form : forms) {
    Measured measured(scene_);
    const auto line = Open(form.source);
    ASSERT_NE(line, nullptr);
    uint32_t stream = 1;
    for (int round = 0; round < 60; ++round) {
      std::string streams;
      for (int i = 0; i < 100; ++i, stream += 2) {
        absl::StrAppend(
            &streams, HeaderFrames(stream, CallFields(form.path), 0),
            form.with_message ? DataFrames(stream, Message(""), 0) : "",
            Frame(FrameType::kResetStream, 0, stream,
                  absl::string_view("\0\0\0\x8", 4)));
      }
      if (!line->Send(streams)) break;
    }
    EXPECT_TRUE(scene_->WaitForLog("connection_cut", "", form.source).ok());
    ExpectWithin({.cpu_seconds = 6, .peak_mib = 128}, measured.End(form.name));
  }
}

// CVE-2023-1428 and its kin: headers that gRPC knows and cannot write out
// again.
TEST_F(Flood, BadHeadersDoNotEndTheBroker) {
  Measured measured(scene_);
  const Fields bad[] = {{{"te", "x"}},
                        {{"te", ""}},
                        {{":scheme", "x"}},
                        {{":scheme", ""}},
                        {{"grpclb_client_stats", "x"}},
                        {{"grpclb_client_stats", ""}}};
  int variants = 0;
  for (const Fields& one : bad) {
    for (const size_t padding : {size_t{0}, size_t{9000}}) {
      const auto line = Open("127.0.4.1");
      ASSERT_NE(line, nullptr);
      Fields fields;
      for (const auto& field : CallFields(kHealthCheck)) {
        if (field.first != one[0].first) fields.push_back(field);
      }
      fields.push_back(one[0]);
      if (padding > 0)
        fields.emplace_back("x-filler", std::string(padding, 'a'));
      EXPECT_TRUE(line->Send(absl::StrCat(
          HeaderFrames(1, fields, 0), DataFrames(1, Message(""), kEndStream),
          Frame(FrameType::kPing, 0, 0, "are you?"))));
      // It answers the ping, or has closed this one connection.
      if (!line->WaitForText("are you?", kPatience)) {
        EXPECT_TRUE(line->WaitForEnd(kPatience));
      }
      ++variants;
    }
  }
  EXPECT_EQ(variants, 12);
  ExpectWithin({.cpu_seconds = 2, .peak_mib = 32},
               measured.End("bad headers, 12 forms"));
}

// As many zeros as `mib` says, as gzip.
std::string Zeros(int mib) {
  z_stream zip = {};
  EXPECT_EQ(deflateInit2(&zip, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string small(static_cast<size_t>(mib) * 1100 + 1000, '\0');
  std::string part(1 << 20, '\0');
  zip.next_out = reinterpret_cast<Bytef*>(small.data());
  zip.avail_out = static_cast<uInt>(small.size());
  for (int i = 0; i < mib; ++i) {
    zip.next_in = reinterpret_cast<Bytef*>(part.data());
    zip.avail_in = static_cast<uInt>(part.size());
    EXPECT_EQ(deflate(&zip, Z_NO_FLUSH), Z_OK);
  }
  EXPECT_EQ(deflate(&zip, Z_FINISH), Z_STREAM_END);
  small.resize(zip.total_out);
  deflateEnd(&zip);
  return small;
}

TEST_F(Flood, AGzipBombStaysPacked) {
  const std::string bomb = Zeros(Long() ? 1024 : 200);
  Measured measured(scene_);
  const auto line = Open("127.0.5.1");
  ASSERT_NE(line, nullptr);
  Fields fields = CallFields(kHealthCheck);
  fields.emplace_back("grpc-encoding", "gzip");
  EXPECT_TRUE(line->Send(HeaderFrames(1, fields, 0)));
  // UNIMPLEMENTED, in trailers that are not compressed.
  line->Send(DataFrames(1, Message(bomb.substr(0, 60000), true), 0));
  const bool refused = line->WaitForText("grpc-status", kPatience);
  line->Send(Frame(FrameType::kPing, 0, 0, "are you?"));
  EXPECT_TRUE(refused || line->WaitForEnd(kPatience));
  ExpectWithin({.cpu_seconds = 1, .peak_mib = 64}, measured.End("gzip bomb"));
}

}  // namespace
}  // namespace entente::attacks
