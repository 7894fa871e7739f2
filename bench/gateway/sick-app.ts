export const sickApp = () => ({ fetch: () => new Response() });
