#include "client/jsonl_sink.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "client/test_folder.h"

namespace entente::client {
namespace {

const std::string kBatch(32, 'a');

OpenedBatch Opened(const std::string& sender, int records) {
  OpenedBatch opened;
  for (int i = 0; i < records; ++i) {
    opened.records.push_back({{"batch", kBatch},
                              {"index", i},
                              {"sender", sender},
                              {"flow", "f"},
                              {"text", "a\u200db\n"}});
  }
  return opened;
}

TEST(FolderSinkTest, OneFileABatchOneRecordALine) {
  const TestFolder folder;
  const auto sink = *FolderSink::Open(folder / "new/inbox");
  const auto file = sink->Take(kBatch, "north", Opened("north", 2));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(*file, folder / ("new/inbox/" + kBatch + ".jsonl"));
  const std::string text = folder.Read("new/inbox/" + kBatch + ".jsonl");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(text.rfind("{\"batch\":\"" + kBatch + "\",\"index\":0,", 0), 0);
  EXPECT_EQ(folder.Mode("new/inbox/" + kBatch + ".jsonl"), 0600);
}

TEST(FolderSinkTest, AnInterruptedBatchIsWrittenAgainAnotherSendersIsKept) {
  const TestFolder folder;
  const auto sink = *FolderSink::Open(folder.path());
  ASSERT_TRUE(sink->Take(kBatch, "north", Opened("north", 1)).ok());
  ASSERT_TRUE(sink->Take(kBatch, "north", Opened("north", 2)).ok());
  const std::string before = folder.Read(kBatch + ".jsonl");
  EXPECT_TRUE(absl::IsAlreadyExists(
      sink->Take(kBatch, "west", Opened("west", 1)).status()));
  EXPECT_EQ(folder.Read(kBatch + ".jsonl"), before);
}

TEST(FolderSinkTest, ABatchWithoutRecordsMakesAnEmptyFile) {
  const TestFolder folder;
  const auto sink = *FolderSink::Open(folder.path());
  ASSERT_TRUE(sink->Take(kBatch, "north", {}).ok());
  EXPECT_EQ(folder.Read(kBatch + ".jsonl"), "");
}

TEST(OutputSinkTest, LinesArePrintedAsTheyAreAndALostOutputIsAnError) {
  std::ostringstream out;
  std::ostringstream err;
  Output output(&out, &err, Format::kTable, /*quiet=*/false);
  OutputSink sink(&output);
  ASSERT_TRUE(sink.Take(kBatch, "north", Opened("north", 1)).ok());
  EXPECT_EQ(out.str(), ToJson(Value(Opened("north", 1).records[0])) + "\n");
  out.setstate(std::ios::badbit);
  EXPECT_TRUE(absl::IsUnavailable(
      sink.Take(kBatch, "north", Opened("north", 1)).status()));
}

}  // namespace
}  // namespace entente::client
