// What the pages ask about the reviews of weeks, which the program writes on Mondays.

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { api, type Schemas, taken } from "./client";
import { everyPage } from "./pages";

export type Review = Schemas["WeeklyReview"];
export type ReviewHead = Schemas["WeeklyReviewHead"];
export type ReviewDeal = Schemas["ReviewDeal"];
export type ReviewMoment = Schemas["ReviewMoment"];
export type ReviewRep = Schemas["ReviewRep"];
export type Mover = Schemas["Mover"];

/** All reviews that one may read, the latest week first. */
export const reviewsQuery = queryOptions({
  queryKey: ["reviews", "heads"],
  queryFn: ({ signal }) =>
    everyPage((cursor) => {
      const query = { limit: 200, ...(cursor && { cursor }) };
      return taken(api.GET("/api/v1/weekly-reviews", { params: { query }, signal }));
    }),
});

/** Heads among which the newest week stands, with all its teams but where there are very many of them. */
const NEWEST = 50;

/** The reviews of the newest weeks, for who only wants to know the last one. */
export const newestReviewsQuery = queryOptions({
  queryKey: ["reviews", "newest"],
  queryFn: async ({ signal }) =>
    (await taken(api.GET("/api/v1/weekly-reviews", { params: { query: { limit: NEWEST } }, signal }))).items,
});

const key = (id: string) => ["reviews", "one", id];

export const reviewQuery = (id: string) =>
  queryOptions({
    queryKey: key(id),
    queryFn: async ({ signal }) => {
      const read = await taken(api.GET("/api/v1/weekly-reviews/{id}", { params: { path: { id } }, signal }));
      // The description has pages and Markdown at the same address; data is what comes where no format is named.
      return read as Review;
    },
  });

/** Has the review of a week written now: of a team, or of all of them. */
export async function writeReview(
  queries: QueryClient,
  { week, team, replace }: { week: string; team: string | undefined; replace: boolean },
): Promise<Review> {
  const body = { week, replace, ...(team && { team_id: team }) };
  const review = await taken(api.POST("/api/v1/weekly-reviews", { params: { header: {} }, body }));
  queries.setQueryData(key(review.id), review);
  await queries.invalidateQueries({ queryKey: ["reviews"] });
  return review;
}
