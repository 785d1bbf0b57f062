#include "client/refused_rows.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "client/error.h"
#include "client/test_folder.h"

namespace entente::client {
namespace {

TEST(RefusedRows, AreListedWithoutTheirValues) {
  const TestFolder folder;
  RefusedRows refused(folder / "people.csv");
  ASSERT_TRUE(refused.Add({{4, 6, "dob", "no date, sorry"}}).ok());
  ASSERT_TRUE(refused.Add({{5, 7, "", "too long"}}).ok());
  ASSERT_TRUE(refused.Keep().ok());
  EXPECT_EQ(folder.Read("people.csv.refused.csv"),
            "row,line,column,reason\r\n4,6,dob,\"no date, sorry\"\r\n"
            "5,7,,too long\r\n");
  EXPECT_EQ(folder.Mode("people.csv.refused.csv"), 0600u);
  EXPECT_EQ(refused.count(), 2u);
}

TEST(RefusedRows, WhatTwoRecipientsSayIsWrittenOnce) {
  const TestFolder folder;
  RefusedRows refused(folder / "a.csv");
  ASSERT_TRUE(refused
                  .Add({{1, 2, "dob", "no date"},
                        {1, 2, "nhs", "bad digit"},
                        {1, 2, "dob", "no date"}})
                  .ok());
  ASSERT_TRUE(refused.Keep().ok());
  EXPECT_EQ(folder.Read("a.csv.refused.csv"),
            "row,line,column,reason\r\n1,2,dob,no date\r\n"
            "1,2,nhs,bad digit\r\n");
  EXPECT_EQ(refused.count(), 1u);
}

TEST(RefusedRows, IfThereAreNoneAnOldListGoes) {
  const TestFolder folder;
  folder.Write("a.csv.refused.csv", "row\r\n");
  RefusedRows refused(folder / "a.csv");
  ASSERT_TRUE(refused.Add({}).ok());
  ASSERT_TRUE(refused.Keep().ok());
  EXPECT_FALSE(std::filesystem::exists(folder / "a.csv.refused.csv"));
  EXPECT_TRUE(refused.Verdict(0).ok());
}

TEST(RefusedRows, StandardInputHasAFileToo) {
  EXPECT_EQ(RefusedRows("-").path(), "refused-rows.csv");
}

TEST(RefusedRows, APartialSuccessHasItsOwnExitCode) {
  const TestFolder folder;
  RefusedRows refused(folder / "a.csv");
  ASSERT_TRUE(refused.Add({{1, 2, "dob", "no date"}}).ok());
  const Failure some = FromStatus(refused.Verdict(2));
  EXPECT_EQ(some.exit, ExitCode::kPartial);
  EXPECT_EQ(some.code, "ROWS_REFUSED");
  EXPECT_EQ(FromStatus(refused.Verdict(0)).exit, ExitCode::kFailed);
}

}  // namespace
}  // namespace entente::client
