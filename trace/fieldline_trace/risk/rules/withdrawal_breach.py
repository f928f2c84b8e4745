"""WITHDRAWAL_BREACH: milk, eggs, fish or meat were taken before the withdrawal period of a drug had passed.

Inputs: applications of veterinary drugs to a herd, pond or animals, with the period on the label; milkings, slaughters
and harvests that drew on them.
Condition: whole days between application and taking fewer than the period, by the days in China; sure where it is so
whatever the partial dates mean, and what was taken was taken where the drug was given. What was taken elsewhere, such
as at a slaughterhouse, may be of other animals of the batch.
Severity: critical; hold where it is not sure.
Proposes: hold, and a test of the batch.
Source: the label's withdrawal period, as the application says it.
Clears: the application or the taking is corrected.
"""

from __future__ import annotations

from typing import Final

NAME: Final = "WITHDRAWAL_BREACH"
