#include "crypto/identifier_element.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/hex.h"

namespace entente::crypto {
namespace {

using absl::StatusCode;

Secret Pepper(uint8_t byte, size_t size = 32) {
  Bytes bytes(size, byte);
  return *Secret::TakeFrom(absl::MakeSpan(bytes));
}

TEST(IdentifierElementTest, DependsOnEveryPartAndOnWhereItEnds) {
  const Secret pepper = Pepper(1);
  const std::vector<Point> elements = {
      *IdentifierElement(pepper, "ag", "nhs/1", "9434765919"),
      *IdentifierElement(Pepper(2), "ag", "nhs/1", "9434765919"),
      *IdentifierElement(pepper, "agn", "hs/1", "9434765919"),
      *IdentifierElement(pepper, "ag", "nhs/19", "434765919"),
      *IdentifierElement(pepper, "ag2", "nhs/1", "9434765919"),
      *IdentifierElement(pepper, "ag", "nhs/2", "9434765919"),
      *IdentifierElement(pepper, "ag", "nhs/1", "9434765918"),
  };
  for (size_t i = 0; i < elements.size(); ++i) {
    for (size_t j = 0; j < i; ++j) EXPECT_NE(elements[i], elements[j]);
  }
  EXPECT_EQ(*IdentifierElement(pepper, "ag", "nhs/1", "9434765919"),
            elements[0]);
}

TEST(IdentifierElementTest, RefusesPartsThatAreMissingOrTooLong) {
  const Secret pepper = Pepper(1);
  const std::string longer(65536, 'x');
  for (const absl::string_view bad : {absl::string_view(), {longer}}) {
    for (const absl::Status& status :
         {IdentifierElement(pepper, bad, "s", "c").status(),
          IdentifierElement(pepper, "a", bad, "c").status(),
          IdentifierElement(pepper, "a", "s", bad).status()}) {
      EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    }
  }
}

TEST(IdentifierElementTest, PepperHasThirtyTwoBytes) {
  for (const size_t size : {0, 31, 33}) {
    EXPECT_EQ(IdentifierElement(Pepper(1, size), "a", "s", "c").status().code(),
              StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace entente::crypto
