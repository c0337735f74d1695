"""The person: axes and units, arms, silhouette, waist, what is worn."""
