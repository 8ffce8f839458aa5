"""Fixed vocabulary of the portfolio: categories, segments, states with real cities, merchants' names.

Order matters everywhere: arrays elsewhere hold positions in these tuples.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """One merchant category: `ticket` is its typical amount in dollars, `spread` the sigma of the log amount,
    `online` how much of it is bought online before calibration, `summer` the factor from June to August.
    """

    name: str
    group: str
    is_discretionary: bool
    ticket: float
    spread: float
    online: float
    merchants: tuple[str, ...]
    summer: float = 1.0


CATEGORIES: tuple[Category, ...] = (
    Category("Travel", "Leisure", True, 140, 0.75, 0.60, ("Travel", "Tours", "Car Rental", "Cruises"), 1.45),
    Category("Airlines", "Leisure", True, 230, 0.70, 0.66, ("Air", "Airways", "Airlines"), 1.35),
    Category("Hotels", "Leisure", True, 180, 0.70, 0.60, ("Hotel", "Inn", "Suites", "Resort"), 1.40),
    Category("Dining", "Leisure", True, 42, 0.75, 0.28, ("Grill", "Kitchen", "Cafe", "Pizza", "Bistro")),
    Category("Entertainment", "Leisure", True, 48, 0.80, 0.45, ("Cinemas", "Theatre", "Arcade", "Tickets")),
    Category("Sports & Outdoors", "Leisure", True, 75, 0.75, 0.42, ("Outfitters", "Sports", "Fitness", "Golf"), 1.10),
    Category("Subscriptions", "Leisure", True, 17, 0.60, 0.68, ("Stream", "Music", "News", "Cloud")),
    Category("Groceries", "Necessities", False, 62, 0.75, 0.28, ("Market", "Foods", "Grocers", "Farms")),
    Category("Gas", "Necessities", False, 44, 0.60, 0.16, ("Fuel", "Gas", "Petroleum")),
    Category("Utilities", "Necessities", False, 105, 0.60, 0.62, ("Electric", "Water", "Energy", "Wireless")),
    Category("Healthcare", "Necessities", False, 95, 0.80, 0.30, ("Medical", "Clinic", "Dental", "Health")),
    Category("Pharmacy", "Necessities", False, 31, 0.75, 0.33, ("Pharmacy", "Drugs")),
    Category("Insurance", "Necessities", False, 125, 0.60, 0.60, ("Insurance", "Mutual", "Assurance")),
    Category("Transportation", "Necessities", False, 24, 0.70, 0.35, ("Transit", "Parking", "Cabs", "Rail")),
    Category("Clothing", "Other", True, 68, 0.75, 0.48, ("Apparel", "Outlet", "Shoes", "Fashions")),
    Category("Electronics", "Other", True, 130, 0.85, 0.55, ("Electronics", "Computers", "Mobile")),
    Category("Home & Garden", "Other", True, 82, 0.80, 0.36, ("Hardware", "Furniture", "Garden")),
    Category("Personal Care", "Other", True, 36, 0.70, 0.24, ("Salon", "Spa", "Beauty", "Barbers")),
    Category("Department Stores", "Other", True, 58, 0.75, 0.38, ("Stores", "Mart", "Warehouse")),
    Category("Education", "Other", False, 90, 0.75, 0.52, ("Books", "Academy", "Learning")),
)
CATEGORY_NAMES = tuple(category.name for category in CATEGORIES)
TRAVEL = ("Travel", "Airlines", "Hotels")
NECESSITIES = tuple(category.name for category in CATEGORIES if category.group == "Necessities")

SEGMENTS = ("High-Value Travelers", "Stable Mid-Spenders", "Budget-Conscious", "Declining", "New & Growing")
DECLINE_TYPES = ("", "gradual", "sudden")
CARD_TYPES = ("Standard", "Premium")
EMPLOYMENT = ("Full-Time", "Part-Time", "Self-Employed", "Retired", "Unemployed")
CHANNELS = ("Online", "In-Store", "Mobile")
STATUSES = ("approved", "declined")

# State: population in thousands (2020 census) and its larger cities.
STATES: dict[str, tuple[int, tuple[str, ...]]] = {
    "Alabama": (5024, ("Huntsville", "Birmingham", "Montgomery", "Mobile")),
    "Alaska": (733, ("Anchorage", "Fairbanks", "Juneau")),
    "Arizona": (7152, ("Phoenix", "Tucson", "Mesa", "Scottsdale")),
    "Arkansas": (3012, ("Little Rock", "Fayetteville", "Fort Smith")),
    "California": (39538, ("Los Angeles", "San Diego", "San Jose", "San Francisco", "Sacramento", "Fresno")),
    "Colorado": (5774, ("Denver", "Colorado Springs", "Aurora", "Boulder")),
    "Connecticut": (3606, ("Bridgeport", "Stamford", "New Haven", "Hartford")),
    "Delaware": (990, ("Wilmington", "Dover", "Newark")),
    "Florida": (21538, ("Jacksonville", "Miami", "Tampa", "Orlando", "St. Petersburg")),
    "Georgia": (10712, ("Atlanta", "Augusta", "Columbus", "Savannah")),
    "Hawaii": (1455, ("Honolulu", "Hilo", "Kailua")),
    "Idaho": (1839, ("Boise", "Meridian", "Nampa")),
    "Illinois": (12812, ("Chicago", "Aurora", "Naperville", "Springfield")),
    "Indiana": (6786, ("Indianapolis", "Fort Wayne", "Evansville", "South Bend")),
    "Iowa": (3190, ("Des Moines", "Cedar Rapids", "Davenport")),
    "Kansas": (2938, ("Wichita", "Overland Park", "Topeka")),
    "Kentucky": (4506, ("Louisville", "Lexington", "Bowling Green")),
    "Louisiana": (4658, ("New Orleans", "Baton Rouge", "Shreveport")),
    "Maine": (1362, ("Portland", "Lewiston", "Bangor")),
    "Maryland": (6177, ("Baltimore", "Frederick", "Rockville", "Annapolis")),
    "Massachusetts": (7030, ("Boston", "Worcester", "Springfield", "Cambridge")),
    "Michigan": (10077, ("Detroit", "Grand Rapids", "Ann Arbor", "Lansing")),
    "Minnesota": (5706, ("Minneapolis", "St. Paul", "Rochester", "Duluth")),
    "Mississippi": (2961, ("Jackson", "Gulfport", "Hattiesburg")),
    "Missouri": (6155, ("Kansas City", "St. Louis", "Springfield", "Columbia")),
    "Montana": (1084, ("Billings", "Missoula", "Bozeman")),
    "Nebraska": (1962, ("Omaha", "Lincoln", "Bellevue")),
    "Nevada": (3105, ("Las Vegas", "Henderson", "Reno")),
    "New Hampshire": (1378, ("Manchester", "Nashua", "Concord")),
    "New Jersey": (9289, ("Newark", "Jersey City", "Paterson", "Trenton")),
    "New Mexico": (2118, ("Albuquerque", "Las Cruces", "Santa Fe")),
    "New York": (20201, ("New York", "Buffalo", "Yonkers", "Rochester", "Syracuse", "Albany")),
    "North Carolina": (10439, ("Charlotte", "Raleigh", "Greensboro", "Durham")),
    "North Dakota": (779, ("Fargo", "Bismarck", "Grand Forks")),
    "Ohio": (11799, ("Columbus", "Cleveland", "Cincinnati", "Toledo")),
    "Oklahoma": (3959, ("Oklahoma City", "Tulsa", "Norman")),
    "Oregon": (4237, ("Portland", "Eugene", "Salem", "Bend")),
    "Pennsylvania": (13003, ("Philadelphia", "Pittsburgh", "Allentown", "Erie")),
    "Rhode Island": (1097, ("Providence", "Cranston", "Warwick")),
    "South Carolina": (5118, ("Charleston", "Columbia", "Greenville")),
    "South Dakota": (887, ("Sioux Falls", "Rapid City", "Aberdeen")),
    "Tennessee": (6911, ("Nashville", "Memphis", "Knoxville", "Chattanooga")),
    "Texas": (29146, ("Houston", "San Antonio", "Dallas", "Austin", "Fort Worth", "El Paso")),
    "Utah": (3272, ("Salt Lake City", "Provo", "West Jordan")),
    "Vermont": (643, ("Burlington", "Rutland", "Montpelier")),
    "Virginia": (8631, ("Virginia Beach", "Richmond", "Norfolk", "Arlington")),
    "Washington": (7705, ("Seattle", "Spokane", "Tacoma", "Bellevue")),
    "West Virginia": (1794, ("Charleston", "Huntington", "Morgantown")),
    "Wisconsin": (5894, ("Milwaukee", "Madison", "Green Bay")),
    "Wyoming": (577, ("Cheyenne", "Casper", "Laramie")),
}

# First halves of merchants' names; the second half comes from the category.
BRANDS: tuple[str, ...] = (
    "Alder", "Amber", "Anchor", "Apex", "Arbor", "Aspen", "Atlas", "Beacon", "Birch", "Bluebird",
    "Bridge", "Bright", "Cactus", "Canyon", "Cardinal", "Cascade", "Cedar", "Central", "Clover", "Coastal",
    "Cobalt", "Compass", "Copper", "Coral", "Corner", "Crescent", "Crown", "Delta", "Diamond", "Eagle",
    "Echo", "Elm", "Ember", "Evergreen", "Falcon", "Fern", "Fox", "Frontier", "Garnet", "Golden",
    "Granite", "Gulf", "Harbor", "Hawthorn", "Hazel", "Heritage", "Highland", "Hickory", "Horizon", "Indigo",
    "Iron", "Island", "Ivory", "Jade", "Juniper", "Keystone", "Lakeside", "Lark", "Laurel", "Liberty",
    "Lotus", "Lunar", "Magnolia", "Maple", "Meadow", "Mesa", "Metro", "Midtown", "Monarch", "Mosaic",
    "Northstar", "Oak", "Olive", "Onyx", "Orchard", "Osprey", "Pacific", "Palm", "Pearl", "Pine",
    "Pioneer", "Prairie", "Quartz", "Raven", "Redwood", "Ridge", "River", "Robin", "Rose", "Sable",
    "Sage", "Sierra", "Silver", "Sparrow", "Spruce", "Summit", "Sunset", "Terra", "Timber", "Union",
    "Valley", "Velvet", "Violet", "Vista", "Walnut", "Westgate", "Willow", "Winter", "Wren", "Zenith",
)  # fmt: skip
