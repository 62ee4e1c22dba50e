"""The public API: Open311 GeoReport v2 (http://wiki.open311.org/GeoReport_v2), below /open311/v2/.

What is told to everybody: number, kind, state, organisation, times and place of each case. What a
person wrote (description, address in words, what was found) is told only for cases that came in
through this API, whose senders know that it is public; addresses also for cases of another
system. Never told: reporters, photos, titles, keys.
"""
